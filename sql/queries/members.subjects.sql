-- How the API writes each repository that it was ever asked about.
SELECT DISTINCT subject
FROM scorecard_results
WHERE source = 'api'
