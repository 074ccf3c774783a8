-- How one project stands with attestations.
SELECT
    observed_on,
    version,
    class,
    reason,
    files,
    attested,
    unstated,
    first_upload,
    last_upload,
    publisher_kind,
    publisher_repository,
    publisher_workflow,
    CAST(declared_match, 'Nullable(Bool)') AS is_declared
FROM attestations
WHERE generation = {generation:UInt64}
  AND project = {project:String}
