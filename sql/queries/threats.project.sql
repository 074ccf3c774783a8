-- What is seen of one project against each threat.
SELECT threat, state, observed, not_observed, unknown
FROM project_threats
WHERE generation = {generation:UInt64}
  AND project = {project:String}
