ALTER TABLE exposures
    ADD COLUMN IF NOT EXISTS affected_releases Nullable(UInt32) COMMENT 'releases of the project that are surely affected; null when its files are not known or no record says which versions are' AFTER affected
