-- The newest answer of one URL.
SELECT url, etag, last_modified, sha256, status, bytes, fetched_at
FROM responses
WHERE url = {url:String}
ORDER BY fetched_at DESC
LIMIT 1
