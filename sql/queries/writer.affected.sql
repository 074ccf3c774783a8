-- The newest version of what the given OSV records say of any project. The key
-- of the table begins with the project: this reads one column of it whole, some
-- ten thousand rows.
SELECT osv_id, project, known_at, content_hash, deleted
FROM affected
WHERE osv_id IN {keys:Array(String)}
ORDER BY osv_id, project, known_at DESC
LIMIT 1 BY osv_id, project
