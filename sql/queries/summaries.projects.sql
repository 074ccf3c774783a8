-- The newest version of every project that PyPI was asked about.
SELECT
    project,
    display_name,
    latest_version,
    latest_upload,
    status,
    toNullable(observed_at) AS asked_at,
    CAST(from_json, 'Bool') AS json_answered
FROM
(
    SELECT project, display_name, latest_version, latest_upload, status, observed_at, from_json, deleted
    FROM projects
    ORDER BY project, known_at DESC
    LIMIT 1 BY project
)
WHERE deleted = 0
