ALTER TABLE project_repositories
    COMMENT COLUMN trust 'attested (publisher in a provenance object), depsdev (deps.dev, from an attestation), declared (project_urls) or inferred (deps.dev, from metadata), strongest first'
