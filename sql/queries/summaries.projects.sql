-- The newest version of every project that PyPI was asked about. One that the
-- last complete root index did not list is removed, unless it is quarantined:
-- PyPI leaves those out of the index.
SELECT
    project,
    display_name,
    latest_version,
    latest_upload,
    if(is_unlisted AND status != 'quarantined', 'removed', status) AS shown_status,
    organization,
    toNullable(observed_at) AS asked_at,
    CAST(from_json, 'Bool') AS json_answered
FROM
(
    SELECT project, display_name, latest_version, latest_upload, status, organization, observed_at, from_json, deleted
    FROM projects
    ORDER BY project, known_at DESC
    LIMIT 1 BY project
) AS newest
LEFT JOIN
(
    SELECT
        project,
        argMax(listed, known_at) = 0 AS is_unlisted
    FROM project_presence
    GROUP BY project
    HAVING argMax(deleted, known_at) = 0
) AS presence USING (project)
WHERE deleted = 0
