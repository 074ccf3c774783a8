-- The projects that groups of one kind name.
SELECT
    project,
    rank,
    status,
    latest_version,
    latest_upload,
    asked_at IS NOT NULL AS is_asked
FROM project_summaries
WHERE generation = {generation:UInt64}
  AND project IN
  (
      SELECT arrayJoin(projects)
      FROM advisory_groups
      WHERE generation = {advisories:UInt64} AND kind = {kind:String}
  )
