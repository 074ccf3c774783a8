CREATE TABLE IF NOT EXISTS changes
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    changed_on Date COMMENT 'date by the source: of the later result, the disclosure, the upload, the list, or when PyPI was asked',
    kind LowCardinality(String) COMMENT 'disclosed, exploited, malware, range, check, aggregate, attestation, status, organization, owners, rank, imported, arrived, withdrawn, epss, version, break, suspect, loss or import',
    cause LowCardinality(String) COMMENT 'what it is a change of: project, tool or source',
    project String COMMENT 'project name, PEP 503 normalised; empty when no single project is concerned' CODEC(ZSTD(1)),
    rank UInt32 COMMENT 'rank in the newest list on or before that day, 0 when not in it',
    rank_before UInt32 COMMENT 'of kind rank: rank in the list before, 0 when not in it; of other kinds the same as rank',
    item String COMMENT 'what changed: the check, the advisory group, the CVE, the database, the version of the tool' CODEC(ZSTD(1)),
    name String COMMENT 'name of the advisory group' CODEC(ZSTD(1)),
    severity LowCardinality(String) COMMENT 'severity of the advisory group',
    what LowCardinality(String) COMMENT 'of range: disclosed, entered, left; of attestation: gained, lost, publisher; of break: scope',
    version String COMMENT 'release in which it shows' CODEC(ZSTD(1)),
    before String COMMENT 'value before, empty for none' CODEC(ZSTD(1)),
    after String COMMENT 'value after, empty for none' CODEC(ZSTD(1)),
    before_on Nullable(Date) COMMENT 'date of the value before',
    checks String COMMENT 'of an aggregate: the core checks that moved it most, each with what it did to it' CODEC(ZSTD(1)),
    why String COMMENT 'what decided the cause, or what explains the change' CODEC(ZSTD(1)),
    repository String COMMENT 'repository that was scored' CODEC(ZSTD(1)),
    commit_before String COMMENT 'commit that was scored before, empty when the source does not say' CODEC(ZSTD(1)),
    commit_after String COMMENT 'commit that was scored after, empty when the source does not say' CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (changed_on, kind, item, project)
SETTINGS index_granularity = 1024
COMMENT 'Derived: what changed and when, one row per change and project, with what it is a change of. Bounded, so that it stays small and is put together anew each time: the 53 weeks up to the newest accepted observation of Scorecard, and what came after; everything while there is none. Older moves of scores are in score_moves, older ranks in ranks, the rest follows from advisory_groups, range_changes, attestation_changes and projects'
