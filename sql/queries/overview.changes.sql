-- What changed in one cohort, the shortest span first.
SELECT what, item, from_on, to_on, matched, rose, fell, mean_change, rose_projects, fell_projects
FROM rollup_changes
WHERE generation = {generation:UInt64}
  AND cohort = {cohort:String}
ORDER BY from_on DESC, what, item
