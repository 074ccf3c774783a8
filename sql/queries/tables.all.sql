-- Every table with its rows and bytes on disk. A derived table has a partition
-- for each generation; only the published one counts, given in {generations}
-- by table.
SELECT
    t.name AS name,
    t.comment AS comment,
    t.engine AS engine,
    t.sorting_key AS sorting_key,
    p.part_rows AS part_rows,
    p.part_bytes AS part_bytes
FROM system.tables AS t
LEFT JOIN
(
    SELECT
        table,
        sum(rows) AS part_rows,
        sum(bytes_on_disk) AS part_bytes
    FROM system.parts
    WHERE database = currentDatabase()
      AND active
      AND (NOT mapContains({generations:Map(String, UInt64)}, table) OR partition = toString({generations:Map(String, UInt64)}[table]))
    GROUP BY table
) AS p ON p.table = t.name
WHERE t.database = currentDatabase()
ORDER BY name
