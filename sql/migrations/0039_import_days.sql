CREATE TABLE IF NOT EXISTS import_days
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    database LowCardinality(String) COMMENT 'prefix of the ids: PYSEC, GHSA',
    day Date COMMENT 'UTC day of publication',
    records UInt32 COMMENT 'records that the database published on that day, live or withdrawn; malware reports apart',
    import UInt8 COMMENT '1 when the day counts as an import and not as disclosure',
    decision LowCardinality(String) COMMENT 'rule (more than 50 records) or ledger (sql/breaks.csv says so)'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (day, database)
COMMENT 'Derived: days on which a database of advisories imported records, and days that the ledger cleared'
