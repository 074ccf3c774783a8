-- Counts the changes of one cohort since a day: by kind and cause, with its parts
-- by what happened, and in all of each cause (kind '').
SELECT
    kind,
    cause,
    count() AS changes,
    uniqExactIf(project, project != '') AS projects,
    CAST(sumMap([toString(what)], [toUInt64(1)]), 'Map(String, UInt64)') AS parts
FROM changes
WHERE generation = {generation:UInt64}
  AND changed_on >= {since:Date}
  AND (project = '' OR if(kind = 'rank',
      (rank BETWEEN 1 AND {size:UInt32}) != (rank_before BETWEEN 1 AND {size:UInt32}),
      rank BETWEEN 1 AND {size:UInt32}))
  AND ({project:String} = '' OR project = {project:String})
GROUP BY GROUPING SETS ((kind, cause), (cause))
ORDER BY kind, cause
