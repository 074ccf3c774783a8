-- The newest version of whether the root index lists each of the given projects.
SELECT project, known_at, content_hash, deleted
FROM project_presence
WHERE project IN {keys:Array(String)}
ORDER BY project, known_at DESC
LIMIT 1 BY project
