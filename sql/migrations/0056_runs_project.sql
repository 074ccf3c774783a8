ALTER TABLE runs
    ADD COLUMN IF NOT EXISTS project LowCardinality(String) COMMENT 'the one project that was asked about, empty for a whole run' AFTER version
