-- What the newest version of every OSV record says of each project.
SELECT project, osv_id, versions, ranges
FROM
(
    SELECT project, osv_id, versions, ranges, deleted
    FROM affected
    ORDER BY project, osv_id, known_at DESC
    LIMIT 1 BY project, osv_id
)
WHERE deleted = 0
ORDER BY osv_id, project
