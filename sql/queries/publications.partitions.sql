-- The generations of derived tables that have rows, published or not.
SELECT DISTINCT
    table,
    toUInt64(partition) AS generation
FROM system.parts
WHERE active
  AND database = currentDatabase()
  AND has({tables:Array(String)}, table)
ORDER BY generation, table
