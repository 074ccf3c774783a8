-- All groups of one kind.
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
    flags,
    arrived_pysec,
    arrived_here
FROM advisory_groups
WHERE generation = {generation:UInt64}
  AND kind = {kind:String}
