-- The changes of provenance of one project, newest first.
SELECT
    change,
    version,
    released_at,
    before_version,
    before_released_at,
    CAST(older_line, 'Bool') AS is_older,
    fields,
    before,
    after
FROM attestation_changes
WHERE generation = {generation:UInt64}
  AND project = {project:String}
ORDER BY released_at DESC, version DESC, change
LIMIT {limit:UInt32}
