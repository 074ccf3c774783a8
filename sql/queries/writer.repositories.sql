-- The newest answer of a forge for each of the given repositories.
SELECT repository, known_at, content_hash, deleted
FROM repositories
WHERE repository IN {keys:Array(String)}
ORDER BY repository, known_at DESC
LIMIT 1 BY repository
