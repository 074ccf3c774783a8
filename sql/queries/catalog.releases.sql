-- The latest release of projects.
SELECT project, latest_version
FROM
(
    SELECT
        project,
        argMax(latest_version, known_at) AS latest_version,
        argMax(deleted, known_at) AS gone
    FROM projects
    WHERE project IN {projects:Array(String)}
    GROUP BY project
)
WHERE gone = 0
  AND latest_version != ''
