-- The files of some projects, project by project.
SELECT
    project,
    filename,
    version,
    upload_time,
    requires_python,
    CAST(yanked, 'Bool') AS is_yanked,
    yanked_reason,
    provenance
FROM
(
    SELECT project, filename, version, upload_time, requires_python, yanked, yanked_reason, provenance, deleted
    FROM files
    WHERE project IN {projects:Array(String)}
    ORDER BY project, filename, known_at DESC
    LIMIT 1 BY project, filename
)
WHERE deleted = 0
ORDER BY project
