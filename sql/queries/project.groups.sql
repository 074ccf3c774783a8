-- Some groups, newest disclosure first.
SELECT
    group_id,
    name,
    kind,
    CAST(live, 'Bool') AS is_live,
    members,
    aliases,
    projects,
    disclosed,
    precision,
    score,
    severity,
    vector,
    summary,
    modified,
    flags
FROM advisory_groups
WHERE generation = {generation:UInt64}
  AND group_id IN {ids:Array(String)}
ORDER BY disclosed DESC NULLS LAST, name, group_id
