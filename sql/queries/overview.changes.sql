-- What changed in one cohort.
SELECT what, item, from_on, to_on, matched, rose, fell, mean_change, rose_projects, fell_projects
FROM rollup_changes
WHERE generation = {generation:UInt64}
  AND cohort = {cohort:String}
ORDER BY what, item
