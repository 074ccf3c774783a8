-- What the search knows of advisory groups, newest disclosure first: the name,
-- every id that leads to it, and what is said beside it.
SELECT
    g.group_id,
    g.name,
    g.kind,
    CAST(g.live, 'Bool') AS is_live,
    g.severity,
    g.score,
    g.projects,
    m.ids
FROM advisory_groups AS g
INNER JOIN
(
    SELECT group_id, arraySort(groupArray(id)) AS ids
    FROM group_members
    WHERE generation = {generation:UInt64}
    GROUP BY group_id
) AS m ON m.group_id = g.group_id
WHERE g.generation = {generation:UInt64}
ORDER BY g.disclosed DESC NULLS LAST, g.name, g.group_id
