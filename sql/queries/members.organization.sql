-- The projects of one organization of PyPI.
SELECT project
FROM project_summaries
WHERE generation = {generation:UInt64}
  AND organization != ''
  AND lowerUTF8(organization) = lowerUTF8({name:String})
ORDER BY project
LIMIT {most:UInt32}
