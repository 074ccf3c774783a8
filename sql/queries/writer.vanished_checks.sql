-- Checks of other runs that this run's result of the same subject and day no longer has.
SELECT count()
FROM scorecard_checks
WHERE source = {source:String}
  AND observed_on IN {days:Array(Date)}
  AND run_id != {run:UUID}
  AND (subject, observed_on) IN
  (
      SELECT subject, observed_on
      FROM scorecard_results
      WHERE source = {source:String} AND observed_on IN {days:Array(Date)} AND run_id = {run:UUID}
  )
  AND (subject, observed_on, check) NOT IN
  (
      SELECT subject, observed_on, check
      FROM scorecard_checks
      WHERE source = {source:String} AND observed_on IN {days:Array(Date)} AND run_id = {run:UUID}
  )
