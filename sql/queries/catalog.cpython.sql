-- Every advisory about CPython that is not gone.
SELECT osv_id
FROM cpython_advisories
GROUP BY osv_id
HAVING argMax(deleted, known_at) = 0
ORDER BY osv_id
