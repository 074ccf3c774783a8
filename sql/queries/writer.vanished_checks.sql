-- Checks of other runs that this run's result of the same subject and day no longer has.
SELECT count()
FROM scorecard_checks
WHERE source = {source:String}
  AND observed_on = {day:Date}
  AND run_id != {run:UUID}
  AND subject IN (SELECT subject FROM scorecard_results WHERE source = {source:String} AND observed_on = {day:Date} AND run_id = {run:UUID})
  AND (subject, check) NOT IN (SELECT subject, check FROM scorecard_checks WHERE source = {source:String} AND observed_on = {day:Date} AND run_id = {run:UUID})
