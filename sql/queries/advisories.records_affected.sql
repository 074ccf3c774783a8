-- What some records say of some projects now.
SELECT project, osv_id, versions, ranges
FROM
(
    SELECT project, osv_id, versions, ranges, deleted
    FROM affected
    WHERE project IN {projects:Array(String)}
      AND osv_id IN {ids:Array(String)}
    ORDER BY project, osv_id, known_at DESC
    LIMIT 1 BY project, osv_id
)
WHERE deleted = 0
