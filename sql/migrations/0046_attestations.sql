CREATE TABLE IF NOT EXISTS attestations
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    project String COMMENT 'project name, PEP 503 normalised',
    observed_on Date COMMENT 'newest day on which PyPI said something new of any project',
    version String COMMENT 'latest stable release: highest version of PEP 440 that is no pre-release and has a file that is not yanked; empty without',
    class LowCardinality(String) COMMENT 'the first of: attested (every file of that release carries PEP 740 provenance), partly, predates (first uploaded before 2024-10-29), possible (none observed, the publisher could: repository on GitHub or GitLab, or provenance on another release), unsupported (none observed, host unsupported or unknown), unknown; present, not verified by us',
    reason LowCardinality(String) COMMENT 'why the class is unknown',
    files UInt32 COMMENT 'files of the release, yanked ones among them',
    attested UInt32 COMMENT 'of these, with provenance',
    unstated UInt32 COMMENT 'of these, for which the index does not say',
    first_upload Nullable(DateTime64(6, 'UTC')) COMMENT 'first upload of a file of the release',
    last_upload Nullable(DateTime64(6, 'UTC')) COMMENT 'last upload of a file of the release',
    publisher_kind LowCardinality(String) COMMENT 'kinds of the Trusted Publishers of the release; empty unless every provenance object of it was read',
    publisher_repository String COMMENT 'their repositories, where they live now',
    publisher_workflow String COMMENT 'their workflows',
    declared_match Nullable(UInt8) COMMENT '1 when an attested repository is among those that the project declares now, 0 when none is, null unknown'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY project
SETTINGS index_granularity = 256
COMMENT 'Derived: attestation class of every project that PyPI was asked about'
