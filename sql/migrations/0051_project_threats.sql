CREATE TABLE IF NOT EXISTS project_threats
(
    generation UInt64 COMMENT 'generation of the derivation; readers use the published one',
    project String COMMENT 'project name, PEP 503 normalised',
    slsa LowCardinality(String) COMMENT 'version of SLSA whose threats these are: slsa-1.2',
    threat LowCardinality(String) COMMENT 'A to I, Dependency or Availability',
    state LowCardinality(String) COMMENT 'observed (a supporting signal shows it), not_observed (at least one is conclusive, none shows it) or unknown (none is conclusive)',
    observed Array(LowCardinality(String)) COMMENT 'signals that show evidence: checks of Scorecard at 8 or above, and what PyPI says',
    not_observed Array(LowCardinality(String)) COMMENT 'signals that are conclusive and show none',
    unknown Array(LowCardinality(String)) COMMENT 'signals that are not known, or of which nothing follows'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (project, threat)
SETTINGS index_granularity = 1024
COMMENT 'Derived: public evidence against the threats of SLSA for every project of the newest rank list; the mapping of signals to threats is ours, and never a SLSA level'
