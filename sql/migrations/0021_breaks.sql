CREATE TABLE IF NOT EXISTS breaks
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    starts_on Date COMMENT 'first day',
    ends_on Nullable(Date) COMMENT 'last day of a span, null for an instant',
    scope LowCardinality(String) COMMENT 'source, check, list or aggregate',
    item LowCardinality(String) COMMENT 'source, check or list concerned',
    kind LowCardinality(String) COMMENT 'cut, flag, frozen, suspect or cleared',
    what String COMMENT 'what happened',
    evidence String COMMENT 'where it is stated or how it was measured'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (starts_on, scope, item, kind)
COMMENT 'Ledger of breaks in method and source, from sql/breaks.csv'
