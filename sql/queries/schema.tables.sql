-- The statement that makes each table.
SELECT name, formatQuery(create_table_query) AS statement
FROM system.tables
WHERE database = currentDatabase()
