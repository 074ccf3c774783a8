-- Copies the exposures of the previous generation whose group and project have
-- not changed.
INSERT INTO exposures (generation, project, group_id, affected, affected_releases, fixed_in, fixed_at, fix_days, latest_affected)
SELECT {generation:UInt64}, project, group_id, affected, affected_releases, fixed_in, fixed_at, fix_days, latest_affected
FROM exposures
WHERE generation = {previous:UInt64}
  AND group_id NOT IN {groups:Array(String)}
  AND project NOT IN {projects:Array(String)}
