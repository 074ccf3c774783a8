ALTER TABLE rollup_scores
    ADD COLUMN IF NOT EXISTS repository Nullable(UInt32) COMMENT 'projects whose repository was known; null before the store knew any',
    ADD COLUMN IF NOT EXISTS verified Nullable(UInt32) COMMENT 'of these, confirmed: its forge has it, it is attested, or the API has a result of it; null before the store knew any',
    ADD COLUMN IF NOT EXISTS result UInt32 COMMENT 'projects with a result at most 60 days old, also one without a conclusive check',
    ADD COLUMN IF NOT EXISTS recent UInt32 COMMENT 'of these, at most 30 days old',
    ADD COLUMN IF NOT EXISTS asked_share Float64 COMMENT 'share of the cohort by weight behind asked, 0 to 1',
    ADD COLUMN IF NOT EXISTS repository_share Nullable(Float64) COMMENT 'share of the cohort by weight behind repository, 0 to 1',
    ADD COLUMN IF NOT EXISTS verified_share Nullable(Float64) COMMENT 'share of the cohort by weight behind verified, 0 to 1',
    ADD COLUMN IF NOT EXISTS result_share Float64 COMMENT 'share of the cohort by weight behind result, 0 to 1',
    ADD COLUMN IF NOT EXISTS recent_share Float64 COMMENT 'share of the cohort by weight behind recent, 0 to 1',
    MODIFY COLUMN weighting LowCardinality(String) COMMENT 'package, download or repository'
