-- The days of import and those that the ledger decides, oldest first.
SELECT
    database,
    day,
    records,
    CAST(import, 'Bool') AS is_import,
    decision = 'ledger' AS by_ledger
FROM import_days
WHERE generation = {generation:UInt64}
ORDER BY day, database
