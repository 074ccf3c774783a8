-- Which OSV record speaks of which project, and in which version: all that is
-- needed to tell whether it has changed, without the versions and ranges.
SELECT
    project,
    osv_id,
    max(known_at) AS last_known,
    argMax(content_hash, known_at) AS last_hash
FROM affected
GROUP BY project, osv_id
HAVING argMax(deleted, known_at) = 0
ORDER BY osv_id, project
