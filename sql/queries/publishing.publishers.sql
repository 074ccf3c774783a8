-- The Trusted Publishers that the provenance objects of one project name, the
-- last used first.
SELECT
    kind,
    repository,
    workflow,
    min(upload_time) AS first_upload,
    max(upload_time) AS last_upload,
    uniqExact(version) AS releases,
    uniqExact(filename) AS files
FROM provenance FINAL
WHERE project = {project:String}
  AND bundle > 0
GROUP BY kind, repository, workflow
ORDER BY last_upload DESC, first_upload DESC, kind, repository, workflow
LIMIT {limit:UInt32}
