-- The last known time of modification of every OSV record.
SELECT osv_id, last_modified
FROM
(
    SELECT
        osv_id,
        argMax(modified, known_at) AS last_modified,
        argMax(deleted, known_at) AS gone
    FROM advisories
    GROUP BY osv_id
)
WHERE gone = 0
