-- The records that were published on a day of import.
SELECT osv_id
FROM
(
    SELECT
        osv_id,
        argMax((database, toDate(published)), known_at) AS publication
    FROM advisories
    WHERE deleted = 0
    GROUP BY osv_id
)
WHERE publication IN
(
    SELECT database, toNullable(day)
    FROM import_days
    WHERE generation = {generation:UInt64} AND import = 1
)
