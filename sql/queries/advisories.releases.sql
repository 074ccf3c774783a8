-- The releases of some projects: first upload of each, and whether a file of it
-- is not yanked.
SELECT
    project,
    newest.1 AS version,
    min(newest.2) AS first_upload,
    CAST(max(newest.3 = 0), 'Bool') AS is_offered
FROM
(
    SELECT
        project,
        argMax((version, upload_time, yanked, deleted), known_at) AS newest
    FROM files
    WHERE project IN {projects:Array(String)}
    GROUP BY project, filename
)
WHERE newest.4 = 0
GROUP BY project, version
ORDER BY project, version
