-- What the API has said of each of the given subjects, by day.
SELECT subject, observed_on, state
FROM scorecard_results FINAL
WHERE source = 'api'
  AND subject IN {keys:Array(String)}
