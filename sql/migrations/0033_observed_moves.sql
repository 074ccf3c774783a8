CREATE TABLE IF NOT EXISTS observed_moves
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    observed_on Date COMMENT 'date of the observation',
    scope LowCardinality(String) COMMENT 'aggregate or check',
    item LowCardinality(String) COMMENT 'core or all (the aggregate over the core checks, over all checks), or the check',
    source LowCardinality(String) COMMENT 'archive: units are projects; api: units are repositories with a new result',
    state LowCardinality(String) COMMENT 'accepted, or suspect: no break is looked for',
    previous_on Nullable(Date) COMMENT 'accepted observation that is compared with; null for results of the API, each compared with the one before it, and without any',
    matched UInt32 COMMENT 'units scored at both',
    compared UInt32 COMMENT 'of these, units with a value at both',
    mean Nullable(Float64) COMMENT 'mean move of the compared units',
    changed UInt32 COMMENT 'compared units with another value',
    lost UInt32 COMMENT 'matched units that went from a value to none',
    gained UInt32 COMMENT 'matched units that went from none to a value'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (observed_on, scope, item, source)
COMMENT 'Derived: how far every aggregate and check moved between consecutive accepted observations, same units paired; breaks are found in it'
