CREATE TABLE IF NOT EXISTS observed_breaks
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    observed_on Date COMMENT 'date of the break: the later of the two observations',
    previous_on Nullable(Date) COMMENT 'the accepted observation before; null for results of the API, each compared with the one before it',
    scope LowCardinality(String) COMMENT 'aggregate or check',
    item LowCardinality(String) COMMENT 'core or all (the aggregate over the core checks, over all checks), or the check',
    source LowCardinality(String) COMMENT 'archive: units are projects; api: units are repositories with a new result',
    measure LowCardinality(String) COMMENT 'mean: move of the mean; presence: share of matched units that went from a value to none or back; share: share of compared units with another score; lost: share of values that were lost and did not come back',
    value Float64 COMMENT 'the measure: points of 0 to 10 for mean, else a share of 0 to 1',
    matched UInt32 COMMENT 'units behind the value',
    state LowCardinality(String) COMMENT 'found: not in the ledger, cuts lines; confirmed: the ledger cuts there; flagged: the ledger draws it; cleared: the ledger says that it is none'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (observed_on, scope, item, source, measure)
COMMENT 'Derived: breaks found by rule in the observations, and what the ledger says of them'
