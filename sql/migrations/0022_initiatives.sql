CREATE TABLE IF NOT EXISTS initiatives
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    happened_on Date COMMENT 'date',
    what String COMMENT 'what happened',
    evidence String COMMENT 'source'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY happened_on
COMMENT 'Ledger of dated policy events of the ecosystem, from sql/initiatives.csv; not evidence of cause'
