-- How many live groups concern each project, and what they mean for its
-- latest release.
SELECT
    e.project AS project,
    countIf(g.kind = 'vulnerability') AS vulnerabilities,
    countIf(g.kind = 'malware') AS malware,
    countIf(g.kind = 'vulnerability' AND e.latest_affected = 1) AS latest_affected,
    countIf(g.kind = 'vulnerability' AND e.latest_affected IS NULL) AS latest_unknown
FROM exposures AS e
INNER JOIN
(
    SELECT group_id, kind
    FROM advisory_groups
    WHERE generation = {generation:UInt64}
) AS g ON g.group_id = e.group_id
WHERE e.generation = {generation:UInt64}
GROUP BY project
