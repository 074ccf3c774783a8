CREATE TABLE IF NOT EXISTS score_moves
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    observed_on Date COMMENT 'accepted observation at which it was seen',
    project String COMMENT 'project name, PEP 503 normalised',
    rank UInt32 COMMENT 'rank in the newest list on or before that observation',
    source LowCardinality(String) COMMENT 'archive or api: both results are of this source',
    scope LowCardinality(String) COMMENT 'check: a score crossed 8 or moved by 2 or more; aggregate: the core aggregate moved by 1 or more over the same core checks',
    item LowCardinality(String) COMMENT 'the check; core for the aggregate',
    before_on Date COMMENT 'date of the result before, the last accepted one',
    scored_on Date COMMENT 'date of the result after',
    before Float32 COMMENT 'score or core aggregate before',
    after Float32 COMMENT 'score or core aggregate after',
    cause LowCardinality(String) COMMENT 'project; tool: the same commit was scored by a check that reads nothing else, the tool has another version, or the ledger flags the check in between; source: the ledger flags the source in between; an aggregate by the check that moved it most',
    why String COMMENT 'what decided the cause, mostly empty of project' CODEC(ZSTD(1)),
    checks String COMMENT 'of an aggregate: the core checks that moved it most, each with what it did to it' CODEC(ZSTD(1)),
    repository String COMMENT 'repository that was scored, empty when the source does not say',
    commit_before String COMMENT 'commit that was scored before, empty when the source does not say' CODEC(ZSTD(1)),
    commit_after String COMMENT 'commit that was scored after, empty when the source does not say' CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (observed_on, project, scope, item)
COMMENT 'Derived: moves of single scores between two consecutive accepted results of one source, projects of the rank list only; never across a cut of the check, of the aggregate or of the source'
