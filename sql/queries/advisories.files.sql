-- The projects that some advisory names and whose files are known: how many
-- versions of files are stored, and when the newest was learned.
SELECT
    project,
    count() AS versions,
    max(known_at) AS last_known
FROM files
WHERE project IN (SELECT project FROM affected)
GROUP BY project
