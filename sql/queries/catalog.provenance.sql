-- The files of projects whose index page names a provenance object that is not
-- stored yet, newest upload first, with the newest upload among those whose
-- object is stored.
SELECT project, version, filename, upload_time, newest
FROM
(
    SELECT
        project,
        filename,
        argMax(version, known_at) AS version,
        argMax(tuple(upload_time), known_at).1 AS upload_time
    FROM files
    WHERE project IN {projects:Array(String)}
    GROUP BY project, filename
    HAVING argMax(deleted, known_at) = 0
       AND argMax(provenance, known_at) = 'present'
) AS named
LEFT JOIN
(
    SELECT project, max(upload_time) AS newest
    FROM provenance
    WHERE project IN {projects:Array(String)}
      AND bundle > 0
    GROUP BY project
) AS fetched USING (project)
WHERE (project, filename) NOT IN
(
    SELECT project, filename
    FROM provenance
    WHERE project IN {projects:Array(String)}
)
ORDER BY project, upload_time DESC, filename
SETTINGS join_use_nulls = 1
