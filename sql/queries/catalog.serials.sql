-- The last known serial of every project that has one.
SELECT project, last_serial
FROM
(
    SELECT
        project,
        argMax(serial, known_at) AS last_serial,
        argMax(deleted, known_at) AS gone
    FROM projects
    GROUP BY project
)
WHERE last_serial > 0
  AND gone = 0
