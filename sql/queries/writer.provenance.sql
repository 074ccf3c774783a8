-- The stored attestation bundles of the files of the given projects.
SELECT project, filename, bundle, version, upload_time, kind, repository, workflow, environment, predicates
FROM provenance FINAL
WHERE project IN {keys:Array(String)}
