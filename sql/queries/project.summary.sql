-- The summary of one project.
SELECT
    project,
    display_name,
    rank,
    downloads,
    latest_version,
    latest_upload,
    status,
    asked_at,
    repository,
    trust,
    score_state,
    score_source,
    score_on,
    other_source,
    other_on,
    aggregate,
    core,
    groups,
    malware,
    latest_affected,
    latest_unknown
FROM project_summaries
WHERE generation = {generation:UInt64}
  AND project = {project:String}
