CREATE TABLE IF NOT EXISTS snapshots
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    observed_on Date COMMENT 'date',
    source LowCardinality(String) COMMENT 'archive: a snapshot of the archive; api: a day after the last of them on which API results were collected',
    listed UInt32 COMMENT 'projects listed (archive) or asked about (api)',
    scored UInt32 COMMENT 'of these, projects with a result',
    matched UInt32 COMMENT 'projects scored at the last accepted date and listed in this one',
    lost UInt32 COMMENT 'of these, projects without any result here',
    state LowCardinality(String) COMMENT 'accepted, suspect (by rule), confirmed or cleared (by the ledger)',
    reason String COMMENT 'why it is left out'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY observed_on
COMMENT 'Derived: every date on which Scorecard results were observed and whether it is accepted'
