-- The newest version of one project's metadata.
SELECT
    observed_at,
    requires_python,
    license_expression,
    summary,
    status_reason,
    organization,
    owners,
    CAST(from_index, 'Bool') AS in_index,
    CAST(from_json, 'Bool') AS in_json
FROM
(
    SELECT observed_at, requires_python, license_expression, summary, status_reason, organization, owners, from_index, from_json, deleted
    FROM projects
    WHERE project = {project:String}
    ORDER BY known_at DESC
    LIMIT 1
)
WHERE deleted = 0
