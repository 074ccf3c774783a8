-- The first result of the API for each repository, whose name is without case.
SELECT
    lower(subject) AS name,
    toUInt16(min(observed_on)) AS first_day
FROM scorecard_results
WHERE source = 'api'
  AND state = 'scored'
GROUP BY name
