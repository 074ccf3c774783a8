-- The newest version of each of the given projects.
SELECT
    project,
    known_at,
    content_hash,
    deleted,
    display_name,
    latest_version,
    latest_upload,
    requires_python,
    license_expression,
    summary,
    status,
    status_reason,
    organization,
    owners,
    serial,
    from_index,
    from_json
FROM projects
WHERE project IN {keys:Array(String)}
ORDER BY project, known_at DESC
LIMIT 1 BY project
