CREATE TABLE IF NOT EXISTS advisory_groups
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    group_id String COMMENT 'stable id: the record that this store knew first',
    name String COMMENT 'smallest CVE, else PYSEC, else GHSA, else first id',
    kind LowCardinality(String) COMMENT 'vulnerability or malware',
    live UInt8 COMMENT '1 when at least one record is not withdrawn',
    members Array(String) COMMENT 'ids of the live records',
    aliases Array(String) COMMENT 'every id of the group that is not a member',
    projects Array(String) COMMENT 'affected projects',
    disclosed Nullable(Date) COMMENT 'disclosure; 1 January when only the year is known',
    precision LowCardinality(String) COMMENT 'precision of the disclosure: day, year or unknown',
    score Nullable(Float32) COMMENT 'CVSS base score of the newest CVSS version, computed; null unknown',
    severity LowCardinality(String) COMMENT 'critical, high, medium, low, none or unknown',
    vector String COMMENT 'the vector behind the score',
    summary String COMMENT 'summary of the first record that has one' CODEC(ZSTD),
    modified DateTime64(6, 'UTC') COMMENT 'newest modified of the live records',
    arrived_pysec Nullable(DateTime64(6, 'UTC')) COMMENT 'earliest published in PYSEC',
    arrived_here DateTime64(3, 'UTC') COMMENT 'when this store first knew a record of the group',
    flags Array(LowCardinality(String)) COMMENT 'split (over 32 members), unglued (a record over 5 aliases), several-cves'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY group_id
SETTINGS index_granularity = 256
COMMENT 'Derived: one row per flaw or malware report, OSV records merged by alias'
