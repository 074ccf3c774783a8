CREATE TABLE IF NOT EXISTS release_health
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    project String COMMENT 'project name, PEP 503 normalised',
    observed_on Date COMMENT 'newest day on which PyPI said something new of any project; ages count from it',
    releases UInt32 COMMENT 'versions with a file',
    stable UInt32 COMMENT 'of these, stable by PEP 440',
    prereleases UInt32 COMMENT 'of these, pre-releases and development releases; what PEP 440 does not know is in neither',
    first_release Nullable(DateTime64(6, 'UTC')) COMMENT 'first upload of the first release',
    last_release Nullable(DateTime64(6, 'UTC')) COMMENT 'first upload of the last release of any kind',
    last_stable Nullable(DateTime64(6, 'UTC')) COMMENT 'first upload of the last stable release',
    median_interval Nullable(Float64) COMMENT 'median of the days between the first uploads of the last ten releases of any kind',
    releases_365 UInt32 COMMENT 'releases in the 365 days up to observed_on',
    files UInt32 COMMENT 'files',
    yanked_files UInt32 COMMENT 'of these, yanked',
    yanked_releases UInt32 COMMENT 'releases of which every file is yanked',
    yank_reasons Array(String) COMMENT 'up to three different reasons of yanks, newest version first',
    version String COMMENT 'latest stable release with a file that is not yanked, empty without',
    requires_python Array(String) COMMENT 'the different requires-python of its files; an empty one is not stated',
    python LowCardinality(String) COMMENT 'what it admits of the release cycles of CPython on observed_on: current (supported ones only), admits_eol (ended ones too), only_eol (ended ones only), unknown (not stated, not readable, none that is known)',
    python_newest Nullable(UInt8) COMMENT '1 when it admits the newest cycle, null unknown'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY project
SETTINGS index_granularity = 256
COMMENT 'Derived: releases, yanks and requires-python of every project that PyPI was asked about'
