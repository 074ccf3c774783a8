-- Changes of one cohort since a day, newest first, of one day by rank, with the
-- number of all. Entering and leaving a cohort counts for the one that it is of.
SELECT
    kind,
    cause,
    changed_on,
    before_on,
    project,
    rank,
    rank_before,
    item,
    name,
    severity,
    what,
    version,
    before,
    after,
    checks,
    why,
    repository,
    commit_before,
    commit_after,
    count() OVER () AS total
FROM changes
WHERE generation = {generation:UInt64}
  AND changed_on >= {since:Date}
  AND (project = '' OR if(kind = 'rank',
      (rank BETWEEN 1 AND {size:UInt32}) != (rank_before BETWEEN 1 AND {size:UInt32}),
      rank BETWEEN 1 AND {size:UInt32}))
  AND ({kind:String} = '' OR kind = {kind:String})
  AND ({cause:String} = '' OR cause = {cause:String})
  AND ({project:String} = '' OR project = {project:String})
  AND ({apart:UInt8} = 0 OR project = '')
ORDER BY changed_on DESC, if(rank = 0, rank_before, rank), project, kind, item, what, version
LIMIT {limit:UInt64} OFFSET {offset:UInt64}
