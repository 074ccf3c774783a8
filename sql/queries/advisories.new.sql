-- The live vulnerability groups disclosed to the day from {from} to {to},
-- newest first.
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
  AND kind = 'vulnerability'
  AND live = 1
  AND precision = 'day'
  AND disclosed BETWEEN {from:Date} AND {to:Date}
ORDER BY disclosed DESC, group_id
LIMIT {limit:UInt32}
