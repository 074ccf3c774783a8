-- The newest version of every file of the given projects.
SELECT project, filename, known_at, content_hash, deleted
FROM files
WHERE project IN {keys:Array(String)}
ORDER BY project, filename, known_at DESC
LIMIT 1 BY project, filename
