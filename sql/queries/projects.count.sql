-- How many projects have names that contain {text}.
SELECT count() AS projects
FROM project_summaries
WHERE generation = {generation:UInt64}
  AND ({text:String} = '' OR position(project, {text:String}) > 0)
