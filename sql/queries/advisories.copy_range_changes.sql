-- Copies the range changes of the previous generation whose group and project
-- have not changed.
INSERT INTO range_changes (generation, project, group_id, changed_on, change, version, before)
SELECT {generation:UInt64}, project, group_id, changed_on, change, version, before
FROM range_changes
WHERE generation = {previous:UInt64}
  AND group_id NOT IN {groups:Array(String)}
  AND project NOT IN {projects:Array(String)}
