-- What the live groups mean for one project.
SELECT
    group_id,
    affected,
    affected_releases,
    fixed_in,
    fixed_at,
    fix_days,
    CAST(latest_affected, 'Nullable(Bool)') AS is_latest_affected
FROM exposures
WHERE generation = {generation:UInt64}
  AND project = {project:String}
