-- Days of which both this run and another have stored results.
SELECT DISTINCT
    source,
    observed_on
FROM scorecard_results
WHERE run_id != {run:UUID}
  AND (source, observed_on) IN (SELECT DISTINCT source, observed_on FROM scorecard_results WHERE run_id = {run:UUID})
ORDER BY
    source,
    observed_on
