-- What the groups of one kind mean for their projects.
SELECT
    project,
    group_id,
    affected,
    affected_releases,
    fixed_in,
    fixed_at,
    fix_days,
    CAST(latest_affected, 'Nullable(Bool)') AS is_latest_affected
FROM exposures
WHERE generation = {generation:UInt64}
  AND group_id IN
  (
      SELECT group_id
      FROM advisory_groups
      WHERE generation = {generation:UInt64} AND kind = {kind:String}
  )
