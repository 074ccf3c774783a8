-- Code generated from sql/migrations; DO NOT EDIT.
-- The tables of a freshly migrated database, for reading.
-- Regenerate: make generate

CREATE TABLE advisories
(
    `osv_id` String COMMENT 'id of the OSV record',
    `known_at` DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta(8), ZSTD(1)),
    `database` LowCardinality(String) COMMENT 'prefix of the id: PYSEC, GHSA, MAL',
    `aliases` Array(String) COMMENT 'aliases as recorded',
    `related` Array(String) COMMENT 'related ids, never merged on',
    `upstream` Array(String) COMMENT 'upstream ids, never merged on',
    `published` Nullable(DateTime64(6, 'UTC')) COMMENT 'published',
    `modified` DateTime64(6, 'UTC') COMMENT 'modified',
    `withdrawn` Nullable(DateTime64(6, 'UTC')) COMMENT 'withdrawn, null when live',
    `summary` String COMMENT 'summary by the database' CODEC(ZSTD(1)),
    `vectors` Array(String) COMMENT 'CVSS vectors as written' CODEC(ZSTD(1)),
    `severity_word` LowCardinality(String) COMMENT 'severity word of GHSA: LOW, MODERATE, HIGH, CRITICAL',
    `references` Array(String) COMMENT 'http and https references' CODEC(ZSTD(1)),
    `content_hash` UInt64 COMMENT 'hash of the content columns; a new version is written only when it differs',
    `deleted` UInt8 COMMENT '1 when the source no longer has it (a tombstone)',
    `run_id` UUID COMMENT 'the run that wrote the row' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (osv_id, known_at)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'OSV records, one row per record and change';

CREATE TABLE advisory_groups
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `group_id` String COMMENT 'stable id: the record that this store knew first',
    `name` String COMMENT 'smallest CVE, else PYSEC, else GHSA, else first id',
    `kind` LowCardinality(String) COMMENT 'vulnerability or malware',
    `live` UInt8 COMMENT '1 when at least one record is neither withdrawn nor deleted by its database',
    `members` Array(String) COMMENT 'ids of the live records',
    `aliases` Array(String) COMMENT 'every id of the group that is not a member',
    `projects` Array(String) COMMENT 'affected projects',
    `disclosed` Nullable(Date) COMMENT 'disclosure; 1 January when only the year is known',
    `precision` LowCardinality(String) COMMENT 'precision of the disclosure: day, year or unknown',
    `score` Nullable(Float32) COMMENT 'CVSS score of the newest CVSS version, computed: the base score of versions 2 and 3, the score of the whole vector of version 4; null unknown',
    `severity` LowCardinality(String) COMMENT 'critical, high, medium, low, none or unknown',
    `vector` String COMMENT 'the vector behind the score',
    `summary` String COMMENT 'summary of the first record that has one' CODEC(ZSTD(1)),
    `modified` DateTime64(6, 'UTC') COMMENT 'newest modified of the live records',
    `arrived_pysec` Nullable(DateTime64(6, 'UTC')) COMMENT 'earliest published that a record of PYSEC in the group ever had; never moves',
    `arrived_here` DateTime64(3, 'UTC') COMMENT 'when this store first knew a record of the group; never moves',
    `flags` Array(LowCardinality(String)) COMMENT 'split (over 32 members), unglued (a record over 5 aliases), several-cves, bad-vector (a CVSS vector that cannot be read), gone (deleted by its database)'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY group_id
SETTINGS index_granularity = 256
COMMENT 'Derived: one row per flaw or malware report, OSV records merged by alias';

CREATE TABLE affected
(
    `project` String COMMENT 'project name, PEP 503 normalised' CODEC(ZSTD(1)),
    `osv_id` String COMMENT 'id of the OSV record' CODEC(ZSTD(1)),
    `known_at` DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta(8), ZSTD(1)),
    `versions` Array(String) COMMENT 'enumerated affected versions' CODEC(ZSTD(3)),
    `ranges` String COMMENT 'ECOSYSTEM ranges as JSON: a list of lists of events in the order of the record' CODEC(ZSTD(3)),
    `content_hash` UInt64 COMMENT 'hash of the content columns; a new version is written only when it differs',
    `deleted` UInt8 COMMENT '1 when the source no longer has it (a tombstone)',
    `run_id` UUID COMMENT 'the run that wrote the row' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (project, osv_id, known_at)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'What an OSV record says of a project, one row per project, record and change';

CREATE TABLE attestation_changes
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `project` String COMMENT 'project name, PEP 503 normalised',
    `change` LowCardinality(String) COMMENT 'gained (every file carries provenance, of the release before not every one did), lost (the reverse), publisher (kind, repository or workflow differ from the attested release before), repository (the latest stable release attests none of the repositories that the project declares now)',
    `version` String COMMENT 'stable release in which it shows',
    `released_at` DateTime64(6, 'UTC') COMMENT 'first upload of that release',
    `before_version` String COMMENT 'release it is compared with, the one before by first upload; empty of repository',
    `before_released_at` Nullable(DateTime64(6, 'UTC')) COMMENT 'first upload of that release',
    `older_line` UInt8 COMMENT '1 when version is lower than before_version: a release of an older line',
    `fields` Array(LowCardinality(String)) COMMENT 'what differs of a publisher: kind, repository, workflow',
    `before` String COMMENT 'files with provenance, publishers or declared repositories before',
    `after` String COMMENT 'files with provenance, publishers or attested repositories after'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (project, released_at, version, change)
SETTINGS index_granularity = 256
COMMENT 'Derived: changes of PEP 740 provenance between stable releases in the order of their first uploads, by the files that are still there; releases with files of unknown provenance are passed over, renamed repositories are the same';

CREATE TABLE attestations
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `project` String COMMENT 'project name, PEP 503 normalised',
    `observed_on` Date COMMENT 'newest day on which PyPI said something new of any project',
    `version` String COMMENT 'latest stable release: highest version of PEP 440 that is no pre-release and has a file that is not yanked; empty without',
    `class` LowCardinality(String) COMMENT 'the first of: attested (every file of that release carries PEP 740 provenance), partly, predates (first uploaded before 2024-10-29), possible (none observed, the publisher could: repository on GitHub or GitLab, or provenance on another release), unsupported (none observed, host unsupported or unknown), unknown; present, not verified by us',
    `reason` LowCardinality(String) COMMENT 'why the class is unknown',
    `files` UInt32 COMMENT 'files of the release, yanked ones among them',
    `attested` UInt32 COMMENT 'of these, with provenance',
    `unstated` UInt32 COMMENT 'of these, for which the index does not say',
    `first_upload` Nullable(DateTime64(6, 'UTC')) COMMENT 'first upload of a file of the release',
    `last_upload` Nullable(DateTime64(6, 'UTC')) COMMENT 'last upload of a file of the release',
    `publisher_kind` LowCardinality(String) COMMENT 'kinds of the Trusted Publishers of the release; empty unless every provenance object of it was read',
    `publisher_repository` String COMMENT 'their repositories, where they live now',
    `publisher_workflow` String COMMENT 'their workflows',
    `declared_match` Nullable(UInt8) COMMENT '1 when an attested repository is among those that the project declares now, 0 when none is, null unknown'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY project
SETTINGS index_granularity = 256
COMMENT 'Derived: attestation class of every project that PyPI was asked about';

CREATE TABLE breaks
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `starts_on` Date COMMENT 'first day',
    `ends_on` Nullable(Date) COMMENT 'last day of a span, null for an instant',
    `scope` LowCardinality(String) COMMENT 'source, check, list or aggregate',
    `item` LowCardinality(String) COMMENT 'source, check or list concerned',
    `kind` LowCardinality(String) COMMENT 'cut, flag, frozen, suspect, cleared, or of the days of a database of advisories: import, not-import',
    `what` String COMMENT 'what happened',
    `evidence` String COMMENT 'where it is stated or how it was measured'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (starts_on, scope, item, kind)
SETTINGS index_granularity = 8192
COMMENT 'Ledger of breaks in method and source, from sql/breaks.csv';

CREATE TABLE changes
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `changed_on` Date COMMENT 'date by the source: of the later result, the disclosure, the upload, the list, or when PyPI was asked',
    `kind` LowCardinality(String) COMMENT 'disclosed, exploited, malware, range, check, aggregate, attestation, status, organization, owners, rank, imported, arrived, withdrawn, epss, version, break, suspect, loss or import',
    `cause` LowCardinality(String) COMMENT 'what it is a change of: project, tool or source',
    `project` String COMMENT 'project name, PEP 503 normalised; empty when no single project is concerned' CODEC(ZSTD(1)),
    `rank` UInt32 COMMENT 'rank in the newest list on or before that day, 0 when not in it',
    `rank_before` UInt32 COMMENT 'of kind rank: rank in the list before, 0 when not in it; of other kinds the same as rank',
    `item` String COMMENT 'what changed: the check, the advisory group, the CVE, the database, the version of the tool' CODEC(ZSTD(1)),
    `name` String COMMENT 'name of the advisory group' CODEC(ZSTD(1)),
    `severity` LowCardinality(String) COMMENT 'severity of the advisory group',
    `what` LowCardinality(String) COMMENT 'of range: disclosed, entered, left; of attestation: gained, lost, publisher; of break: scope',
    `version` String COMMENT 'release in which it shows' CODEC(ZSTD(1)),
    `before` String COMMENT 'value before, empty for none' CODEC(ZSTD(1)),
    `after` String COMMENT 'value after, empty for none' CODEC(ZSTD(1)),
    `before_on` Nullable(Date) COMMENT 'date of the value before',
    `checks` String COMMENT 'of an aggregate: the core checks that moved it most, each with what it did to it' CODEC(ZSTD(1)),
    `why` String COMMENT 'what decided the cause, or what explains the change' CODEC(ZSTD(1)),
    `repository` String COMMENT 'repository that was scored' CODEC(ZSTD(1)),
    `commit_before` String COMMENT 'commit that was scored before, empty when the source does not say' CODEC(ZSTD(1)),
    `commit_after` String COMMENT 'commit that was scored after, empty when the source does not say' CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (changed_on, kind, item, project)
SETTINGS index_granularity = 1024
COMMENT 'Derived: what changed and when, one row per change and project, with what it is a change of. Bounded, so that it stays small and is put together anew each time: the 53 weeks up to the newest accepted observation of Scorecard, and what came after; everything while there is none. Older moves of scores are in score_moves, older ranks in ranks, the rest follows from advisory_groups, range_changes, attestation_changes and projects';

CREATE TABLE check_suspects
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `observed_on` Date COMMENT 'date of the observation',
    `check` LowCardinality(String) COMMENT 'Scorecard check name',
    `source` LowCardinality(String) COMMENT 'archive: units are projects; api: units are repositories with a new result',
    `previous_on` Nullable(Date) COMMENT 'observation at which the check was last accepted; null for results of the API',
    `had` UInt32 COMMENT 'units scored at both with a value of the check then',
    `lost` UInt32 COMMENT 'of these, units without one here',
    `state` LowCardinality(String) COMMENT 'suspect: not yet decided; outage: most of the lost values came back within 28 days; break: they did not, accepted; confirmed or cleared by the ledger',
    `back_on` Nullable(Date) COMMENT 'first observation by which most of the lost values were back',
    `reason` String COMMENT 'why, in words'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (observed_on, check, source)
SETTINGS index_granularity = 8192
COMMENT 'Derived: observations at which one check lost 5 % of its values or more; suspect, outage and confirmed are left out of its lines';

CREATE TABLE cpython_advisories
(
    `osv_id` String COMMENT 'id of the record: PSF-… or a CVE id',
    `known_at` DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta(8), ZSTD(1)),
    `aliases` Array(String) COMMENT 'aliases as recorded',
    `published` Nullable(DateTime64(6, 'UTC')) COMMENT 'published',
    `modified` DateTime64(6, 'UTC') COMMENT 'modified',
    `withdrawn` Nullable(DateTime64(6, 'UTC')) COMMENT 'withdrawn, null when live',
    `summary` String COMMENT 'summary, else the first line of the details' CODEC(ZSTD(1)),
    `vectors` Array(String) COMMENT 'CVSS vectors as written' CODEC(ZSTD(1)),
    `severity_word` LowCardinality(String) COMMENT 'severity word of the record',
    `references` Array(String) COMMENT 'http and https references' CODEC(ZSTD(1)),
    `repository` String COMMENT 'repository of the git ranges' CODEC(ZSTD(1)),
    `introduced` Array(String) COMMENT 'commits that introduced the flaw; 0 is from the start' CODEC(ZSTD(1)),
    `fixed` Array(String) COMMENT 'commits that fixed it' CODEC(ZSTD(1)),
    `versions` Array(String) COMMENT 'affected tags as listed' CODEC(ZSTD(1)),
    `content_hash` UInt64 COMMENT 'hash of the content columns; a new version is written only when it differs',
    `deleted` UInt8 COMMENT '1 when the source no longer has it (a tombstone)',
    `run_id` UUID COMMENT 'the run that wrote the row' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (osv_id, known_at)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'Advisories about CPython by the PSF, one row per record and change; they concern no PyPI project';

CREATE TABLE epss
(
    `cve` String COMMENT 'CVE id' CODEC(ZSTD(1)),
    `observed_on` Date COMMENT 'score date' CODEC(Delta(2), ZSTD(1)),
    `model` LowCardinality(String) COMMENT 'version of the model; scores of two models are not comparable',
    `score` Float32 COMMENT 'probability of exploitation within 30 days, 0 to 1' CODEC(ZSTD(1)),
    `percentile` Float32 COMMENT 'share of CVEs with an equal or lower score, 0 to 1' CODEC(ZSTD(1)),
    `known_at` DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta(8), ZSTD(1)),
    `run_id` UUID COMMENT 'the run that wrote the row' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(known_at)
PARTITION BY toYear(observed_on)
ORDER BY (cve, observed_on, model)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'EPSS scores of the CVEs that stored advisories name, one row per CVE, day and model';

CREATE TABLE exploited
(
    `cve` String COMMENT 'CVE id' CODEC(ZSTD(1)),
    `known_at` DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta(8), ZSTD(1)),
    `vendor` LowCardinality(String) COMMENT 'vendor or project as the catalogue writes it',
    `product` String COMMENT 'product' CODEC(ZSTD(1)),
    `name` String COMMENT 'name of the vulnerability' CODEC(ZSTD(1)),
    `added_on` Date COMMENT 'date on which it was added to the catalogue',
    `due_on` Nullable(Date) COMMENT 'date by which federal agencies must act',
    `ransomware` LowCardinality(String) COMMENT 'known use in ransomware campaigns: Known or Unknown',
    `cwes` Array(LowCardinality(String)) COMMENT 'CWE ids',
    `notes` String COMMENT 'notes, mostly links' CODEC(ZSTD(1)),
    `content_hash` UInt64 COMMENT 'hash of the content columns; a new version is written only when it differs',
    `deleted` UInt8 COMMENT '1 when the source no longer has it (a tombstone)',
    `run_id` UUID COMMENT 'the run that wrote the row' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (cve, known_at)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'CISA catalogue of Known Exploited Vulnerabilities (KEV), one row per CVE and change';

CREATE TABLE exposures
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `project` String COMMENT 'project name',
    `group_id` String COMMENT 'group',
    `affected` String COMMENT 'affected versions in words',
    `affected_releases` Nullable(UInt32) COMMENT 'releases of the project that are surely affected; null when its files are not known or no record says which versions are',
    `fixed_in` Array(String) COMMENT 'first fixed release of each range, PEP 440 order',
    `fixed_at` Nullable(DateTime64(6, 'UTC')) COMMENT 'first upload of the earliest fixed release; null when unfixed or files are unknown',
    `fix_days` Nullable(Int32) COMMENT 'days from disclosure (precision day) to fixed_at; negative is fixed before disclosure',
    `latest_affected` Nullable(UInt8) COMMENT '1 when the latest stable release is in the affected range; null unknown'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (project, group_id)
SETTINGS index_granularity = 256
COMMENT 'Derived: what a group means for a project';

CREATE TABLE files
(
    `project` String COMMENT 'project name, PEP 503 normalised' CODEC(ZSTD(1)),
    `filename` String COMMENT 'name of the file' CODEC(ZSTD(1)),
    `known_at` DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta(8), ZSTD(1)),
    `version` String COMMENT 'release as published' CODEC(ZSTD(1)),
    `packagetype` LowCardinality(String) COMMENT 'sdist, bdist_wheel, bdist_egg, …',
    `upload_time` Nullable(DateTime64(6, 'UTC')) COMMENT 'upload time, PEP 700' CODEC(ZSTD(1)),
    `size` UInt64 COMMENT 'size in bytes, 0 unknown' CODEC(ZSTD(1)),
    `sha256` String COMMENT 'sha256 of the file as the index states it' CODEC(ZSTD(1)),
    `requires_python` LowCardinality(String) COMMENT 'requires-python of the file',
    `yanked` UInt8 COMMENT '1 when yanked, PEP 592',
    `yanked_reason` String COMMENT 'reason of the yank' CODEC(ZSTD(1)),
    `provenance` LowCardinality(String) COMMENT 'PEP 740 provenance: present, absent or unknown; present is not verified by us',
    `content_hash` UInt64 COMMENT 'hash of the content columns; a new version is written only when it differs',
    `deleted` UInt8 COMMENT '1 when the source no longer has it (a tombstone)',
    `run_id` UUID COMMENT 'the run that wrote the row' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (project, filename, known_at)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'Distribution files, one row per project, file and change';

CREATE TABLE group_exploitation
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `group_id` String COMMENT 'advisory group',
    `cve` String COMMENT 'CVE id among its members and aliases',
    `kev_added_on` Nullable(Date) COMMENT 'when CISA added it to the Known Exploited Vulnerabilities, null when it is not there; absence is not safety',
    `ransomware` LowCardinality(String) COMMENT 'known use in ransomware campaigns as KEV has it: Known or Unknown; empty when it is not there',
    `epss` Nullable(Float32) COMMENT 'newest EPSS score: probability of exploitation within 30 days, 0 to 1; null when there is none',
    `percentile` Nullable(Float32) COMMENT 'share of CVEs with an equal or lower score, 0 to 1',
    `model` LowCardinality(String) COMMENT 'version of the EPSS model; scores of two models are not comparable',
    `epss_on` Nullable(Date) COMMENT 'date of the EPSS score'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (group_id, cve)
SETTINGS index_granularity = 256
COMMENT 'Derived: what KEV and EPSS say of the CVEs of an advisory group, one row per group and CVE that either of them knows; a group of several CVEs is read at its highest';

CREATE TABLE group_members
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `id` String COMMENT 'OSV id or alias',
    `group_id` String COMMENT 'group',
    `role` LowCardinality(String) COMMENT 'record, alias, withdrawn, gone (a record that its database deleted, or named by nothing else) or former (once an alias)'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (id, group_id)
SETTINGS index_granularity = 8192
COMMENT 'Derived: every id ever seen and the group it leads to';

CREATE TABLE import_days
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `database` LowCardinality(String) COMMENT 'prefix of the ids: PYSEC, GHSA',
    `day` Date COMMENT 'UTC day of publication',
    `records` UInt32 COMMENT 'records that the database published on that day, live or withdrawn; malware reports apart',
    `import` UInt8 COMMENT '1 when the day counts as an import and not as disclosure',
    `decision` LowCardinality(String) COMMENT 'rule (more than 50 records) or ledger (sql/breaks.csv says so)'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (day, database)
SETTINGS index_granularity = 8192
COMMENT 'Derived: days on which a database of advisories imported records, and days that the ledger cleared';

CREATE TABLE initiatives
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `happened_on` Date COMMENT 'date',
    `what` String COMMENT 'what happened',
    `evidence` String COMMENT 'source'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY happened_on
SETTINGS index_granularity = 8192
COMMENT 'Ledger of dated policy events of the ecosystem, from sql/initiatives.csv; not evidence of cause';

CREATE TABLE leases
(
    `claim` UUID COMMENT 'id of the claim; a process makes one when it begins to collect',
    `holder` String COMMENT 'who made it: program, host and process',
    `claimed_at` DateTime64(3, 'UTC') COMMENT 'when it was made, by the clock of the server',
    `until` DateTime64(3, 'UTC') COMMENT 'when it ends unless it is renewed, by the clock of the server',
    `released` UInt8 COMMENT '1 when it was given back or withdrawn',
    `place` UInt64 COMMENT 'place among the claims: number of the block in which the server stored the claim; 0 in that block itself'
)
ENGINE = MergeTree
ORDER BY claim
TTL toDateTime(until) + toIntervalDay(7)
SETTINGS enable_block_number_column = 1, index_granularity = 8192
COMMENT 'Claims of processes to be the one that collects, one row per claim, renewal and release; the first live claim holds';

CREATE TABLE migrations
(
    `number` UInt32 COMMENT 'number of the migration',
    `name` String COMMENT 'name of its file',
    `sha256` String COMMENT 'sha256 of its text',
    `applied_at` DateTime64(3, 'UTC') COMMENT 'when it was applied'
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY number
SETTINGS index_granularity = 8192
COMMENT 'Migrations of the schema that this database has seen';

CREATE TABLE observed_breaks
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `observed_on` Date COMMENT 'date of the break: the later of the two observations',
    `previous_on` Nullable(Date) COMMENT 'the accepted observation before; null for results of the API, each compared with the one before it',
    `scope` LowCardinality(String) COMMENT 'aggregate or check',
    `item` LowCardinality(String) COMMENT 'core or all (the aggregate over the core checks, over all checks), or the check',
    `source` LowCardinality(String) COMMENT 'archive: units are projects; api: units are repositories with a new result',
    `measure` LowCardinality(String) COMMENT 'mean: move of the mean; presence: share of matched units that went from a value to none or back; share: share of compared units with another score; lost: share of values that were lost and did not come back',
    `value` Float64 COMMENT 'the measure: points of 0 to 10 for mean, else a share of 0 to 1',
    `matched` UInt32 COMMENT 'units behind the value',
    `state` LowCardinality(String) COMMENT 'found: not in the ledger, cuts lines; confirmed: the ledger cuts there; flagged: the ledger draws it; cleared: the ledger says that it is none'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (observed_on, scope, item, source, measure)
SETTINGS index_granularity = 8192
COMMENT 'Derived: breaks found by rule in the observations, and what the ledger says of them';

CREATE TABLE observed_moves
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `observed_on` Date COMMENT 'date of the observation',
    `scope` LowCardinality(String) COMMENT 'aggregate or check',
    `item` LowCardinality(String) COMMENT 'core or all (the aggregate over the core checks, over all checks), or the check',
    `source` LowCardinality(String) COMMENT 'archive: units are projects; api: units are repositories with a new result',
    `state` LowCardinality(String) COMMENT 'accepted, or suspect: no break is looked for',
    `previous_on` Nullable(Date) COMMENT 'accepted observation that is compared with; null for results of the API, each compared with the one before it, and without any',
    `matched` UInt32 COMMENT 'units scored at both',
    `compared` UInt32 COMMENT 'of these, units with a value at both',
    `mean` Nullable(Float64) COMMENT 'mean move of the compared units',
    `changed` UInt32 COMMENT 'compared units with another value',
    `lost` UInt32 COMMENT 'matched units that went from a value to none',
    `gained` UInt32 COMMENT 'matched units that went from none to a value'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (observed_on, scope, item, source)
SETTINGS index_granularity = 8192
COMMENT 'Derived: how far every aggregate and check moved between consecutive accepted observations, same units paired; breaks are found in it';

CREATE TABLE project_presence
(
    `project` String COMMENT 'project name, PEP 503 normalised' CODEC(ZSTD(1)),
    `known_at` DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta(8), ZSTD(1)),
    `observed_at` DateTime64(3, 'UTC') COMMENT 'when the root index was read',
    `listed` UInt8 COMMENT '1 when the complete root index lists the project, 0 when it no longer does',
    `content_hash` UInt64 COMMENT 'hash of the content columns; a new version is written only when it differs',
    `deleted` UInt8 COMMENT '1 when the source no longer has it (a tombstone)',
    `run_id` UUID COMMENT 'the run that wrote the row' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (project, known_at)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'Whether the root index of PyPI lists a project that was seen, one row per project and change';

CREATE TABLE project_repositories
(
    `project` String COMMENT 'project name, PEP 503 normalised' CODEC(ZSTD(1)),
    `repository` String COMMENT 'host/owner/name' CODEC(ZSTD(1)),
    `known_at` DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta(8), ZSTD(1)),
    `trust` LowCardinality(String) COMMENT 'attested (publisher in a provenance object), depsdev (deps.dev, from an attestation), declared (project_urls) or inferred (deps.dev, from metadata), strongest first',
    `evidence` String COMMENT 'URL or object that names the repository' CODEC(ZSTD(1)),
    `label` LowCardinality(String) COMMENT 'label of the link as written',
    `content_hash` UInt64 COMMENT 'hash of the content columns; a new version is written only when it differs',
    `deleted` UInt8 COMMENT '1 when the source no longer has it (a tombstone)',
    `run_id` UUID COMMENT 'the run that wrote the row' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (project, repository, trust, known_at)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'Links from projects to source repositories, one row per link and change';

CREATE TABLE project_summaries
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `project` String COMMENT 'project name, PEP 503 normalised',
    `display_name` String COMMENT 'name as registered',
    `rank` UInt32 COMMENT 'rank in the newest list, 0 when not in it',
    `downloads` UInt64 COMMENT 'downloads in the newest list',
    `latest_version` String COMMENT 'latest release',
    `latest_upload` Nullable(DateTime64(3, 'UTC')) COMMENT 'its first upload',
    `status` LowCardinality(String) COMMENT 'project status, PEP 792; removed when the root index of PyPI no longer lists it',
    `asked_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when PyPI was last asked and something had changed, null when never',
    `repository` String COMMENT 'repository of the strongest trust',
    `trust` LowCardinality(String) COMMENT 'trust of that link',
    `score_state` LowCardinality(String) COMMENT 'scored, stale, no_result, unavailable, no_repository, not_asked or not_fetched',
    `score_source` LowCardinality(String) COMMENT 'api or archive',
    `score_on` Nullable(Date) COMMENT 'date of the value, or of the result that score_state speaks of',
    `other_source` LowCardinality(String) COMMENT 'source of the newest result beside that one, empty without',
    `other_on` Nullable(Date) COMMENT 'its date',
    `aggregate` Nullable(Float32) COMMENT 'recomputed aggregate',
    `core` Nullable(Float32) COMMENT 'core aggregate',
    `groups` UInt32 COMMENT 'live vulnerability groups',
    `malware` UInt32 COMMENT 'live malware reports',
    `latest_affected` UInt32 COMMENT 'groups with the latest release in their affected range',
    `latest_unknown` UInt32 COMMENT 'groups for which that is unknown',
    `organization` String COMMENT 'PyPI organization that owns the project'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY project
SETTINGS index_granularity = 256
COMMENT 'Derived: one row per known project, as the list and the search show it';

CREATE TABLE project_threats
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `project` String COMMENT 'project name, PEP 503 normalised',
    `slsa` LowCardinality(String) COMMENT 'version of SLSA whose threats these are: slsa-1.2',
    `threat` LowCardinality(String) COMMENT 'A to I, Dependency or Availability',
    `state` LowCardinality(String) COMMENT 'observed (a supporting signal shows it), not_observed (at least one is conclusive, none shows it) or unknown (none is conclusive)',
    `observed` Array(LowCardinality(String)) COMMENT 'signals that show evidence: checks of Scorecard at 8 or above, and what PyPI says',
    `not_observed` Array(LowCardinality(String)) COMMENT 'signals that are conclusive and show none',
    `unknown` Array(LowCardinality(String)) COMMENT 'signals that are not known, or of which nothing follows'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (project, threat)
SETTINGS index_granularity = 1024
COMMENT 'Derived: public evidence against the threats of SLSA for every project of the newest rank list; the mapping of signals to threats is ours, and never a SLSA level';

CREATE TABLE projects
(
    `project` String COMMENT 'project name, PEP 503 normalised' CODEC(ZSTD(1)),
    `known_at` DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta(8), ZSTD(1)),
    `observed_at` DateTime64(3, 'UTC') COMMENT 'when the source was asked',
    `display_name` String COMMENT 'name as registered',
    `latest_version` String COMMENT 'newest stable release with a file that is not yanked, else the newest of all',
    `latest_upload` Nullable(DateTime64(3, 'UTC')) COMMENT 'first upload of that release',
    `requires_python` String COMMENT 'requires-python of that release',
    `license_expression` String COMMENT 'licence expression, PEP 639',
    `summary` String COMMENT 'one-line summary by the authors' CODEC(ZSTD(1)),
    `status` LowCardinality(String) COMMENT 'project status, PEP 792: active, archived, quarantined, deprecated; empty when no source said',
    `status_reason` String COMMENT 'reason of the status',
    `organization` String COMMENT 'PyPI organization that owns the project',
    `owners` Array(String) COMMENT 'users with the role Owner',
    `serial` UInt64 COMMENT '_last-serial of the index, 0 unknown',
    `from_index` UInt8 COMMENT '1 when the Index API has answered for this project',
    `from_json` UInt8 COMMENT '1 when the JSON API has answered for this project',
    `content_hash` UInt64 COMMENT 'hash of the content columns; a new version is written only when it differs',
    `deleted` UInt8 COMMENT '1 when the source no longer has it (a tombstone)',
    `run_id` UUID COMMENT 'the run that wrote the row' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (project, known_at)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'PyPI project metadata, one row per project and change';

CREATE TABLE provenance
(
    `project` String COMMENT 'project name, PEP 503 normalised' CODEC(ZSTD(1)),
    `filename` String COMMENT 'name of the file' CODEC(ZSTD(1)),
    `bundle` UInt8 COMMENT 'number of the attestation bundle, from 1; 0 in the one row of a file for which the Integrity API has none',
    `version` String COMMENT 'release as published' CODEC(ZSTD(1)),
    `upload_time` Nullable(DateTime64(6, 'UTC')) COMMENT 'upload time of the file' CODEC(ZSTD(1)),
    `kind` LowCardinality(String) COMMENT 'kind of Trusted Publisher: GitHub, GitLab, Google, ActiveState',
    `repository` String COMMENT 'repository of the publisher, host/owner/name' CODEC(ZSTD(1)),
    `workflow` LowCardinality(String) COMMENT 'workflow of the publisher',
    `environment` LowCardinality(String) COMMENT 'environment of the publisher, empty without',
    `predicates` Array(LowCardinality(String)) COMMENT 'predicate types of the attestations',
    `observed_at` DateTime64(3, 'UTC') COMMENT 'when the Integrity API was asked',
    `known_at` DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta(8), ZSTD(1)),
    `run_id` UUID COMMENT 'the run that wrote the row' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(known_at)
ORDER BY (project, filename, bundle)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'PEP 740 provenance objects, one row per project, file and attestation bundle; verified by PyPI at upload, not by us';

CREATE TABLE publications
(
    `dataset` LowCardinality(String) COMMENT 'advisories, scores or ledger',
    `generation` UInt64 COMMENT 'generation',
    `published_at` DateTime64(3, 'UTC') COMMENT 'time of publication',
    `run_id` UUID COMMENT 'the run that wrote the row' CODEC(ZSTD(1)),
    `form` UInt32 COMMENT 'number of what is derived into the dataset, which a program raises when it derives something else; 0 from before there were such numbers'
)
ENGINE = ReplacingMergeTree(published_at)
ORDER BY (dataset, generation)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'Generations of derived tables that readers may use; the newest of a dataset counts';

CREATE TABLE python_cycles
(
    `cycle` LowCardinality(String) COMMENT 'feature release of CPython, such as 3.12',
    `known_at` DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta(8), ZSTD(1)),
    `released_on` Nullable(Date) COMMENT 'first release',
    `active_to` Nullable(Date) COMMENT 'end of bug-fix support',
    `ends_on` Nullable(Date) COMMENT 'end of life',
    `ended` UInt8 COMMENT '1 when the source says that its life has ended',
    `latest` String COMMENT 'newest release of the cycle',
    `latest_on` Nullable(Date) COMMENT 'its date',
    `content_hash` UInt64 COMMENT 'hash of the content columns; a new version is written only when it differs',
    `deleted` UInt8 COMMENT '1 when the source no longer has it (a tombstone)',
    `run_id` UUID COMMENT 'the run that wrote the row' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (cycle, known_at)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'Release cycles of CPython, from endoflife.date, one row per cycle and change';

CREATE TABLE range_changes
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `project` String COMMENT 'project name',
    `group_id` String COMMENT 'advisory group',
    `changed_on` Date COMMENT 'UTC day: of the disclosure, or of the first upload of the release',
    `change` LowCardinality(String) COMMENT 'disclosed (in the range when the group was disclosed), entered or left (by a later release)',
    `version` String COMMENT 'latest stable release at the end of that day',
    `before` String COMMENT 'latest stable release before, empty of disclosed'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (project, group_id, changed_on)
SETTINGS index_granularity = 256
COMMENT 'Derived: when the latest stable release of a project entered and left the affected range of a live group, by what the records say now and the files that are still there and not yanked; from the disclosure on, or from the year after it when only the year is known';

CREATE TABLE ranks
(
    `list` LowCardinality(String) COMMENT 'name of the list, top-pypi-packages',
    `observed_on` Date COMMENT 'UTC day of the list, from its own last_update',
    `project` String COMMENT 'project name, PEP 503 normalised' CODEC(ZSTD(1)),
    `rank` UInt32 COMMENT 'place in the list, 1 is the most downloaded' CODEC(Delta(4), ZSTD(1)),
    `downloads` UInt64 COMMENT 'downloads in the period of the list (about 30 days)' CODEC(ZSTD(1)),
    `source` LowCardinality(String) COMMENT 'where the list says its counts come from, empty before it said',
    `known_at` DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta(8), ZSTD(1)),
    `run_id` UUID COMMENT 'the run that wrote the row' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(known_at)
ORDER BY (list, observed_on, project)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'Download-rank lists, one row per list, day and project';

CREATE TABLE rejects
(
    `collector` LowCardinality(String) COMMENT 'name of the collector',
    `object` String COMMENT 'file, URL or record id',
    `reason` String COMMENT 'what is wrong with it',
    `text_hash` UInt64 COMMENT 'hash of the text',
    `text` String COMMENT 'the text, cut to 16 KiB' CODEC(ZSTD(1)),
    `known_at` DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta(8), ZSTD(1)),
    `run_id` UUID COMMENT 'the run that wrote the row' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(known_at)
ORDER BY (collector, object, reason, text_hash)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'Input that could not be read, with its text; kept once however often it is met';

CREATE TABLE release_health
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `project` String COMMENT 'project name, PEP 503 normalised',
    `observed_on` Date COMMENT 'newest day on which PyPI said something new of any project; ages count from it',
    `releases` UInt32 COMMENT 'versions with a file',
    `stable` UInt32 COMMENT 'of these, stable by PEP 440',
    `prereleases` UInt32 COMMENT 'of these, pre-releases and development releases; what PEP 440 does not know is in neither',
    `first_release` Nullable(DateTime64(6, 'UTC')) COMMENT 'first upload of the first release',
    `last_release` Nullable(DateTime64(6, 'UTC')) COMMENT 'first upload of the last release of any kind',
    `last_stable` Nullable(DateTime64(6, 'UTC')) COMMENT 'first upload of the last stable release',
    `median_interval` Nullable(Float64) COMMENT 'median of the days between the first uploads of the last ten releases of any kind',
    `releases_365` UInt32 COMMENT 'releases in the 365 days up to observed_on',
    `files` UInt32 COMMENT 'files',
    `yanked_files` UInt32 COMMENT 'of these, yanked',
    `yanked_releases` UInt32 COMMENT 'releases of which every file is yanked',
    `yank_reasons` Array(String) COMMENT 'up to three different reasons of yanks, newest version first',
    `version` String COMMENT 'latest stable release with a file that is not yanked, empty without',
    `requires_python` Array(String) COMMENT 'the different requires-python of its files; an empty one is not stated',
    `python` LowCardinality(String) COMMENT 'what it admits of the release cycles of CPython on observed_on: current (supported ones only), admits_eol (ended ones too), only_eol (ended ones only), unknown (not stated, not readable, none that is known)',
    `python_newest` Nullable(UInt8) COMMENT '1 when it admits the newest cycle, null unknown'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY project
SETTINGS index_granularity = 256
COMMENT 'Derived: releases, yanks and requires-python of every project that PyPI was asked about';

CREATE TABLE repositories
(
    `repository` String COMMENT 'host/owner/name as some project names it' CODEC(ZSTD(1)),
    `known_at` DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta(8), ZSTD(1)),
    `observed_at` DateTime64(3, 'UTC') COMMENT 'when the forge was asked',
    `state` LowCardinality(String) COMMENT 'found, moved or gone',
    `target` String COMMENT 'host/owner/name where it lives now, empty when gone' CODEC(ZSTD(1)),
    `content_hash` UInt64 COMMENT 'hash of the content columns; a new version is written only when it differs',
    `deleted` UInt8 COMMENT '1 when the source no longer has it (a tombstone)',
    `run_id` UUID COMMENT 'the run that wrote the row' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (repository, known_at)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'Repositories as their forge knows them, one row per name and answer';

CREATE TABLE responses
(
    `url` String COMMENT 'URL',
    `etag` String COMMENT 'ETag',
    `last_modified` String COMMENT 'Last-Modified',
    `sha256` String COMMENT 'sha256 of the body',
    `status` UInt16 COMMENT 'HTTP status',
    `bytes` UInt64 COMMENT 'size of the body',
    `fetched_at` DateTime64(3, 'UTC') COMMENT 'time of the answer',
    `run_id` UUID COMMENT 'the run that wrote the row' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(fetched_at)
ORDER BY url
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'Validators of URLs for conditional requests';

CREATE TABLE rollup_adoption
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `cohort` LowCardinality(String) COMMENT 'top100, top1000, top5000 or top15000',
    `weighting` LowCardinality(String) COMMENT 'package or download',
    `month` Date COMMENT 'first day of the month',
    `observed_on` Date COMMENT 'last day of the month, of the running month the newest day on which PyPI said something new',
    `list_on` Date COMMENT 'date of the rank list that defines the cohort',
    `size` UInt32 COMMENT 'projects in the cohort',
    `attested` UInt32 COMMENT 'projects of class attested on observed_on',
    `partly` UInt32 COMMENT 'projects of class partly',
    `predates` UInt32 COMMENT 'projects of class predates: latest stable release of before 2024-10-29',
    `possible` UInt32 COMMENT 'projects of class possible: none observed, the publisher could',
    `unsupported` UInt32 COMMENT 'projects of class unsupported: none observed, host unsupported or unknown',
    `unknown` UInt32 COMMENT 'projects of class unknown, those that PyPI was not asked about among them',
    `attested_share` Float64 COMMENT 'their share of the votes of the cohort, 0 to 1',
    `partly_share` Float64 COMMENT 'share of partly',
    `predates_share` Float64 COMMENT 'share of predates',
    `possible_share` Float64 COMMENT 'share of possible',
    `unsupported_share` Float64 COMMENT 'share of unsupported',
    `unknown_share` Float64 COMMENT 'share of unknown',
    `files` UInt64 COMMENT 'files that members uploaded in the month up to observed_on, of every release',
    `files_attested` UInt64 COMMENT 'of these, with provenance',
    `files_unstated` UInt64 COMMENT 'of these, for which the index does not say'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, weighting, month)
SETTINGS index_granularity = 256
COMMENT 'Derived: attestation classes by month since 2024-10, told from upload times and the provenance as of today of the files that are still there; the latest stable release of a date is the highest one uploaded by then, yanked since or not; hosts of repositories are those of today';

CREATE TABLE rollup_advisories
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `cohort` LowCardinality(String) COMMENT 'top100, top1000, top5000, top15000 or all',
    `kind` LowCardinality(String) COMMENT 'day, year or unknown (precision of a vulnerability\'s disclosure), malware, withdrawn, or gone (deleted by its database)',
    `month` Date COMMENT 'first of the month of disclosure (1 January for year; 1970-01-01 for unknown; month of publication for malware and withdrawn)',
    `severity` LowCardinality(String) COMMENT 'critical, high, medium, low, none or unknown',
    `groups` UInt32 COMMENT 'advisory groups'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, kind, month, severity)
SETTINGS index_granularity = 8192
COMMENT 'Derived: advisory groups by month of disclosure, cohort and severity';

CREATE TABLE rollup_arrivals
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `cohort` LowCardinality(String) COMMENT 'top100, top1000, top5000, top15000 or all; by the newest rank list on or before the date of the basis',
    `basis` LowCardinality(String) COMMENT 'disclosed (to the day), pysec (first published in PYSEC) or here (first known to this store)',
    `month` Date COMMENT 'first of the month of that date',
    `severity` LowCardinality(String) COMMENT 'critical, high, medium, low, none or unknown',
    `groups` UInt32 COMMENT 'live vulnerability groups'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, basis, month, severity)
SETTINGS index_granularity = 8192
COMMENT 'Derived: advisory groups by month of disclosure, of arrival in PYSEC and of arrival here, so that a backfill is seen as one';

CREATE TABLE rollup_changes
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `cohort` LowCardinality(String) COMMENT 'top100, top1000, top5000 or top15000',
    `what` LowCardinality(String) COMMENT 'aggregate, check, result or cohort',
    `item` String COMMENT 'check name, empty otherwise',
    `from_on` Date COMMENT 'earlier observation',
    `to_on` Date COMMENT 'later observation',
    `matched` UInt32 COMMENT 'projects compared: in the cohort and with a value at both ends',
    `rose` UInt32 COMMENT 'rose; for a check: crossed to 8 or above; for result: gained one; for cohort: entered',
    `fell` UInt32 COMMENT 'fell; for a check: crossed below 8; for result: lost it; for cohort: left',
    `mean_change` Nullable(Float64) COMMENT 'mean change over the matched projects',
    `rose_projects` Array(String) COMMENT 'up to 10 of them, by rank',
    `fell_projects` Array(String) COMMENT 'up to 10 of them, by rank'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, what, item)
SETTINGS index_granularity = 8192
COMMENT 'Derived: what changed between the last two accepted observations of each cohort, over matched projects';

CREATE TABLE rollup_check_reasons
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `cohort` LowCardinality(String) COMMENT 'top100, top1000, top5000 or top15000',
    `check` LowCardinality(String) COMMENT 'Scorecard check name',
    `place` UInt16 COMMENT '1 is the commonest reason of the check',
    `reason` String COMMENT 'the reason that the API gives, numbers replaced by N',
    `projects` UInt32 COMMENT 'projects of the cohort with this reason',
    `mean` Nullable(Float64) COMMENT 'mean score of these projects, null when all are inconclusive',
    `observed_on` Date COMMENT 'the newest accepted observation, which the values are of'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, check, place)
SETTINGS index_granularity = 8192
COMMENT 'Derived: the commonest reasons of each check at the newest accepted observation, results of the API only';

CREATE TABLE rollup_checks
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `cohort` LowCardinality(String) COMMENT 'top100, top1000, top5000 or top15000',
    `weighting` LowCardinality(String) COMMENT 'package, download, or repository (one vote a repository, from the time on at which the repositories were known)',
    `check` LowCardinality(String) COMMENT 'Scorecard check name',
    `observed_on` Date COMMENT 'date of the observation',
    `list_on` Date COMMENT 'date of the rank list that defines the cohort',
    `source` LowCardinality(String) COMMENT 'of the conclusive scores: archive, api, or both when each has 5 % of them or more; empty without any',
    `state` LowCardinality(String) COMMENT 'accepted, or suspect: left out of lines',
    `size` UInt32 COMMENT 'projects in the cohort',
    `scored` UInt32 COMMENT 'of these, projects with at least one conclusive check',
    `n` UInt32 COMMENT 'scored projects with a conclusive score of this check',
    `inconclusive` UInt32 COMMENT 'scored projects whose result lists this check without a score',
    `not_run` UInt32 COMMENT 'scored projects whose result does not list this check, or whose newest answer for it is left out',
    `share` Nullable(Float64) COMMENT 'share of the conclusive projects with 8 or above, by weight, 0 to 1',
    `mean` Nullable(Float64) COMMENT 'mean score of the conclusive projects, by weight',
    `histogram` Array(Float64) COMMENT 'votes of the conclusive projects at each score from 0 to 10: projects, their downloads, or repositories, of which each project has its part'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, weighting, check, observed_on)
SETTINGS index_granularity = 8192
COMMENT 'Derived: scores of each Scorecard check by date, cohort and weighting';

CREATE TABLE rollup_fixes
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `cohort` LowCardinality(String) COMMENT 'top100, top1000, top5000, top15000 or all; the project is in it by the newest rank list on or before the disclosure',
    `severity` LowCardinality(String) COMMENT 'critical, high, medium, low, none, unknown, or any',
    `outcome` LowCardinality(String) COMMENT 'fixed, unfixed (censored), before (fixed before disclosure), undated (no fix has a date and the latest release is not known to be affected), unseen (files not known, or not since the disclosure)',
    `days` Int32 COMMENT 'days from disclosure to the fix, or to the day on which the files were last learned of when unfixed; negative with before, 0 with undated and unseen',
    `pairs` UInt32 COMMENT 'pairs of a project and a live vulnerability group disclosed to the day'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, severity, days, outcome)
SETTINGS index_granularity = 8192
COMMENT 'Derived: time to fix by cohort and severity, the input of survival curves';

CREATE TABLE rollup_releases
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `cohort` LowCardinality(String) COMMENT 'top100, top1000, top5000 or top15000',
    `month` Date COMMENT 'first day of the month',
    `observed_on` Date COMMENT 'last day of the month, of the running month the newest day on which PyPI said something new',
    `list_on` Date COMMENT 'date of the rank list that defines the cohort',
    `size` UInt32 COMMENT 'projects in the cohort',
    `known` UInt32 COMMENT 'of these, with a release of known date by observed_on; everything below speaks of them',
    `releases` UInt32 COMMENT 'releases of any kind first uploaded in the month up to observed_on',
    `prereleases` UInt32 COMMENT 'of these, pre-releases and development releases',
    `yanked_releases` UInt32 COMMENT 'of these, by now wholly yanked',
    `released` UInt32 COMMENT 'projects with at least one of these releases',
    `dormant_365` UInt32 COMMENT 'projects without a release in the 365 days up to observed_on',
    `dormant_730` UInt32 COMMENT 'projects without a release in the 730 days up to observed_on',
    `python_current` UInt32 COMMENT 'projects of which the latest stable release admits supported cycles of CPython only',
    `python_admits_eol` UInt32 COMMENT 'supported cycles, and such as had ended',
    `python_only_eol` UInt32 COMMENT 'ended cycles only',
    `python_unknown` UInt32 COMMENT 'not stated, not readable, or no stable release',
    `python_newest` UInt32 COMMENT 'projects of which it admits the newest cycle of the date'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, month)
SETTINGS index_granularity = 256
COMMENT 'Derived: releases by month since the first rank list, by the files that are still there';

CREATE TABLE rollup_scores
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `cohort` LowCardinality(String) COMMENT 'top100, top1000, top5000 or top15000',
    `weighting` LowCardinality(String) COMMENT 'package, download or repository',
    `observed_on` Date COMMENT 'date of the observation',
    `list_on` Date COMMENT 'date of the rank list that defines the cohort',
    `source` LowCardinality(String) COMMENT 'archive, api, or both when each has 5 % of the answers or more',
    `state` LowCardinality(String) COMMENT 'accepted, or suspect: left out of lines',
    `size` UInt32 COMMENT 'projects in the cohort',
    `asked` UInt32 COMMENT 'projects of the cohort that a source was asked about',
    `no_result` UInt32 COMMENT 'asked, without a result',
    `scored` UInt32 COMMENT 'projects with at least one conclusive check',
    `coverage` Float64 COMMENT 'scored share of the cohort by weight, 0 to 1',
    `n` UInt32 COMMENT 'projects with a core aggregate',
    `mean` Nullable(Float64) COMMENT 'weighted mean of the core aggregate',
    `p10` Nullable(Float64) COMMENT 'weighted quantile of the core aggregate',
    `p25` Nullable(Float64) COMMENT 'weighted quantile of the core aggregate',
    `p50` Nullable(Float64) COMMENT 'weighted median of the core aggregate',
    `p75` Nullable(Float64) COMMENT 'weighted quantile of the core aggregate',
    `p90` Nullable(Float64) COMMENT 'weighted quantile of the core aggregate',
    `repository` Nullable(UInt32) COMMENT 'projects whose repository was known; null before the store knew any',
    `verified` Nullable(UInt32) COMMENT 'of these, confirmed: its forge has it, it is attested, or the API has a result of it; null before the store knew any',
    `result` UInt32 COMMENT 'projects with a result at most 60 days old, also one without a conclusive check',
    `recent` UInt32 COMMENT 'of these, at most 30 days old',
    `asked_share` Float64 COMMENT 'share of the cohort by weight behind asked, 0 to 1',
    `repository_share` Nullable(Float64) COMMENT 'share of the cohort by weight behind repository, 0 to 1',
    `verified_share` Nullable(Float64) COMMENT 'share of the cohort by weight behind verified, 0 to 1',
    `result_share` Float64 COMMENT 'share of the cohort by weight behind result, 0 to 1',
    `recent_share` Float64 COMMENT 'share of the cohort by weight behind recent, 0 to 1'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, weighting, observed_on)
SETTINGS index_granularity = 8192
COMMENT 'Derived: Scorecard coverage and distribution of the core aggregate by date, cohort and weighting';

CREATE TABLE rollup_threats
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `slsa` LowCardinality(String) COMMENT 'version of SLSA whose threats these are: slsa-1.2',
    `cohort` LowCardinality(String) COMMENT 'top100, top1000, top5000 or top15000',
    `threat` LowCardinality(String) COMMENT 'A to I, Dependency or Availability',
    `list_on` Date COMMENT 'date of the rank list that defines the cohort',
    `scores_on` Nullable(Date) COMMENT 'newest date of a Scorecard value in the cohort',
    `files_on` Nullable(Date) COMMENT 'newest day on which PyPI said something new',
    `size` UInt32 COMMENT 'projects in the cohort',
    `observed` UInt32 COMMENT 'projects with evidence observed',
    `not_observed` UInt32 COMMENT 'projects with no public evidence observed',
    `unknown` UInt32 COMMENT 'projects of which nothing conclusive is known'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (cohort, threat)
SETTINGS index_granularity = 256
COMMENT 'Derived: public evidence against the threats of SLSA by cohort, as of now; the mapping of signals to threats is ours, and never a SLSA level';

CREATE TABLE runs
(
    `collector` LowCardinality(String) COMMENT 'name of the collector',
    `started_at` DateTime64(3, 'UTC') COMMENT 'start',
    `run_id` UUID COMMENT 'id of the run',
    `finished_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'end, null while running',
    `state` LowCardinality(String) COMMENT 'running, ok, partial or failed',
    `rows` UInt64 COMMENT 'rows stored',
    `unchanged` UInt64 COMMENT 'objects asked about that had not changed',
    `skipped` UInt64 COMMENT 'objects left out on purpose or missing at the source',
    `rejects` UInt64 COMMENT 'records refused and kept in rejects',
    `error_class` LowCardinality(String) COMMENT 'class of the failure',
    `error` String COMMENT 'the failure in words',
    `note` String COMMENT 'what was skipped and why',
    `cursor` String COMMENT 'cursor after the run' CODEC(ZSTD(1)),
    `through` Nullable(DateTime64(3, 'UTC')) COMMENT 'newest source time seen',
    `upstream` LowCardinality(String) COMMENT 'live, mirror or simulated',
    `version` LowCardinality(String) COMMENT 'version of Pyrometer',
    `project` LowCardinality(String) COMMENT 'the one project that was asked about, empty for a whole run',
    `revision` UInt8 COMMENT '0 while running, 1 when finished'
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY (collector, started_at, run_id)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 8192
COMMENT 'Runs of collectors; the row of a finished run replaces that of its start';

CREATE TABLE score_moves
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `observed_on` Date COMMENT 'accepted observation at which it was seen',
    `project` String COMMENT 'project name, PEP 503 normalised',
    `rank` UInt32 COMMENT 'rank in the newest list on or before that observation',
    `source` LowCardinality(String) COMMENT 'archive or api: both results are of this source',
    `scope` LowCardinality(String) COMMENT 'check: a score crossed 8 or moved by 2 or more; aggregate: the core aggregate moved by 1 or more over the same core checks',
    `item` LowCardinality(String) COMMENT 'the check; core for the aggregate',
    `before_on` Date COMMENT 'date of the result before, the last accepted one',
    `scored_on` Date COMMENT 'date of the result after',
    `before` Float32 COMMENT 'score or core aggregate before',
    `after` Float32 COMMENT 'score or core aggregate after',
    `cause` LowCardinality(String) COMMENT 'project; tool: the same commit was scored by a check that reads nothing else, the tool has another version, or the ledger flags the check in between; source: the ledger flags the source in between; an aggregate by the check that moved it most',
    `why` String COMMENT 'what decided the cause, mostly empty of project' CODEC(ZSTD(1)),
    `checks` String COMMENT 'of an aggregate: the core checks that moved it most, each with what it did to it' CODEC(ZSTD(1)),
    `repository` String COMMENT 'repository that was scored, empty when the source does not say',
    `commit_before` String COMMENT 'commit that was scored before, empty when the source does not say' CODEC(ZSTD(1)),
    `commit_after` String COMMENT 'commit that was scored after, empty when the source does not say' CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY (observed_on, project, scope, item)
SETTINGS index_granularity = 8192
COMMENT 'Derived: moves of single scores between two consecutive accepted results of one source, projects of the rank list only; never across a cut of the check, of the aggregate or of the source';

CREATE TABLE scorecard_checks
(
    `subject` String COMMENT 'repository (source api) or project (source archive)' CODEC(ZSTD(1)),
    `check` LowCardinality(String) COMMENT 'Scorecard check name',
    `observed_on` Date COMMENT 'date of the result as the source gives it' CODEC(Delta(2), ZSTD(1)),
    `source` LowCardinality(String) COMMENT 'api or archive',
    `score` Nullable(Int8) COMMENT '0 to 10; null is inconclusive (-1 at the source)' CODEC(ZSTD(1)),
    `reason` String COMMENT 'the source\'s reason, empty in the archive' CODEC(ZSTD(1)),
    `details` Array(String) COMMENT 'evidence lines as the source gives them' CODEC(ZSTD(1)),
    `known_at` DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta(8), ZSTD(1)),
    `run_id` UUID COMMENT 'the run that wrote the row' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(known_at)
PARTITION BY toYear(observed_on)
ORDER BY (subject, check, observed_on, source)
SETTINGS non_replicated_deduplication_window = 1000, merge_selector_base = 10, index_granularity = 8192
COMMENT 'Scorecard checks, one row per subject, check, date and source; a check that was not run has no row';

CREATE TABLE scorecard_results
(
    `subject` String COMMENT 'repository (source api) or project (source archive)' CODEC(ZSTD(1)),
    `observed_on` Date COMMENT 'date of the result as the source gives it; the day of asking when there is none' CODEC(Delta(2), ZSTD(1)),
    `source` LowCardinality(String) COMMENT 'api (api.scorecard.dev) or archive (pypi-scorecards)',
    `state` LowCardinality(String) COMMENT 'scored, no_result or unavailable',
    `reason` LowCardinality(String) COMMENT 'why there is no result',
    `stated` Nullable(Float32) COMMENT 'aggregate as the source states it, 0 to 10; null for the archive' CODEC(ZSTD(1)),
    `aggregate` Nullable(Float32) COMMENT 'aggregate recomputed from the conclusive checks by risk weight, 0 to 10' CODEC(ZSTD(1)),
    `core` Nullable(Float32) COMMENT 'the same over the twelve core checks' CODEC(ZSTD(1)),
    `check_set` LowCardinality(String) COMMENT 'names of the checks the source ran or listed, sorted, comma-separated',
    `conclusive` UInt8 COMMENT 'number of checks with a score of 0 or more',
    `tool_version` LowCardinality(String) COMMENT 'Scorecard version, empty when the source does not say',
    `commit` String COMMENT 'repository commit that was scored' CODEC(ZSTD(1)),
    `known_at` DateTime64(3, 'UTC') COMMENT 'when this store learned it' CODEC(Delta(8), ZSTD(1)),
    `run_id` UUID COMMENT 'the run that wrote the row' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(known_at)
ORDER BY (subject, observed_on, source)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 1024, merge_selector_base = 10
COMMENT 'OpenSSF Scorecard results, one row per subject, date and source';

CREATE TABLE snapshots
(
    `generation` UInt64 COMMENT 'generation of the derivation; readers use the published one',
    `observed_on` Date COMMENT 'date',
    `source` LowCardinality(String) COMMENT 'archive: a snapshot of the archive; api: a day after the last of them on which API results were collected',
    `listed` UInt32 COMMENT 'projects listed (archive) or asked about (api)',
    `scored` UInt32 COMMENT 'of these, projects with a result',
    `matched` UInt32 COMMENT 'projects scored at the last accepted date and listed in this one',
    `lost` UInt32 COMMENT 'of these, projects without any result here',
    `state` LowCardinality(String) COMMENT 'accepted, suspect (by rule), confirmed or cleared (by the ledger)',
    `reason` String COMMENT 'why it is left out'
)
ENGINE = MergeTree
PARTITION BY generation
ORDER BY observed_on
SETTINGS index_granularity = 8192
COMMENT 'Derived: every date on which Scorecard results were observed and whether it is accepted';
