-- The newest version of every link of the given projects.
SELECT project, repository, trust, known_at, content_hash, deleted
FROM project_repositories
WHERE project IN {keys:Array(String)}
ORDER BY project, repository, trust, known_at DESC
LIMIT 1 BY project, repository, trust
