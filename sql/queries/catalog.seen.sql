-- Every project that PyPI has answered for, and whether the last complete root
-- index listed it.
SELECT project, coalesce(listed, 1)
FROM
(
    SELECT project
    FROM projects
    GROUP BY project
    HAVING argMax(deleted, known_at) = 0
       AND (argMax(from_index, known_at) = 1 OR argMax(from_json, known_at) = 1)
) AS seen
LEFT JOIN
(
    SELECT project, toNullable(argMax(listed, known_at)) AS listed
    FROM project_presence
    GROUP BY project
) AS presence USING (project)
SETTINGS join_use_nulls = 1
