CREATE TABLE IF NOT EXISTS attestation_changes
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    project String COMMENT 'project name, PEP 503 normalised',
    change LowCardinality(String) COMMENT 'gained (every file carries provenance, of the release before not every one did), lost (the reverse), publisher (kind, repository or workflow differ from the attested release before), repository (the latest stable release attests none of the repositories that the project declares now)',
    version String COMMENT 'stable release in which it shows',
    released_at DateTime64(6, 'UTC') COMMENT 'first upload of that release',
    before_version String COMMENT 'release it is compared with, the one before by first upload; empty of repository',
    before_released_at Nullable(DateTime64(6, 'UTC')) COMMENT 'first upload of that release',
    older_line UInt8 COMMENT '1 when version is lower than before_version: a release of an older line',
    fields Array(LowCardinality(String)) COMMENT 'what differs of a publisher: kind, repository, workflow',
    before String COMMENT 'files with provenance, publishers or declared repositories before',
    after String COMMENT 'files with provenance, publishers or attested repositories after'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (project, released_at, version, change)
SETTINGS index_granularity = 256
COMMENT 'Derived: changes of PEP 740 provenance between stable releases in the order of their first uploads, by the files that are still there; releases with files of unknown provenance are passed over, renamed repositories are the same'
