-- The releases of one project by its current files.
SELECT
    version,
    min(upload_time) AS first_upload,
    count() AS files,
    countIf(yanked = 1) AS yanked_files,
    maxIf(yanked_reason, yanked = 1) AS yank_reason,
    countIf(provenance = 'present') AS attested,
    countIf(provenance = 'unknown') AS unknown
FROM
(
    SELECT version, upload_time, yanked, yanked_reason, provenance, deleted
    FROM files
    WHERE project = {project:String}
    ORDER BY filename, known_at DESC
    LIMIT 1 BY filename
)
WHERE deleted = 0
GROUP BY version
