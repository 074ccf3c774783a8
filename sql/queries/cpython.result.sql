-- The day of the newest score of one repository by the Scorecard API.
SELECT maxOrNull(observed_on) AS newest
FROM scorecard_results
WHERE subject = {subject:String}
  AND source = 'api'
  AND state = 'scored'
