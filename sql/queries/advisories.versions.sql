-- What some OSV records say of each project, with versions and ranges; of all
-- records with all = 1.
SELECT project, osv_id, versions, ranges
FROM
(
    SELECT project, osv_id, versions, ranges, deleted
    FROM affected
    WHERE {all:UInt8} = 1 OR osv_id IN {ids:Array(String)}
    ORDER BY project, osv_id, known_at DESC
    LIMIT 1 BY project, osv_id
)
WHERE deleted = 0
