-- The newest version of each of the given records about CPython.
SELECT osv_id, known_at, content_hash, deleted
FROM cpython_advisories
WHERE osv_id IN {keys:Array(String)}
ORDER BY osv_id, known_at DESC
LIMIT 1 BY osv_id
