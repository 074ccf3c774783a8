CREATE TABLE IF NOT EXISTS check_suspects
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    observed_on Date COMMENT 'date of the observation',
    check LowCardinality(String) COMMENT 'Scorecard check name',
    source LowCardinality(String) COMMENT 'archive: units are projects; api: units are repositories with a new result',
    previous_on Nullable(Date) COMMENT 'observation at which the check was last accepted; null for results of the API',
    had UInt32 COMMENT 'units scored at both with a value of the check then',
    lost UInt32 COMMENT 'of these, units without one here',
    state LowCardinality(String) COMMENT 'suspect: not yet decided; outage: most of the lost values came back within 28 days; break: they did not, accepted; confirmed or cleared by the ledger',
    back_on Nullable(Date) COMMENT 'first observation by which most of the lost values were back',
    reason String COMMENT 'why, in words'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (observed_on, check, source)
COMMENT 'Derived: observations at which one check lost 5 % of its values or more; suspect, outage and confirmed are left out of its lines'
