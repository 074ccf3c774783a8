-- The last known time of modification of every OSV record that is not gone. A
-- record whose parts are gone was left half deleted by a run that was killed:
-- 1970, which no record has, makes it be read or deleted again.
SELECT
    osv_id,
    if(osv_id IN (
        SELECT osv_id
        FROM
        (
            SELECT osv_id, argMax(deleted, known_at) AS part_gone
            FROM affected
            GROUP BY project, osv_id
        )
        GROUP BY osv_id
        HAVING min(part_gone) = 1
    ), toDateTime64(0, 6, 'UTC'), last_modified) AS modified
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
