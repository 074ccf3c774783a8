-- A result is stored with all its checks: what another run stored beyond them has gone from it.
DELETE FROM scorecard_checks
WHERE source = {source:String}
  AND observed_on = {day:Date}
  AND run_id != {run:UUID}
  AND subject IN (SELECT subject FROM scorecard_results WHERE source = {source:String} AND observed_on = {day:Date} AND run_id = {run:UUID})
  AND (subject, check) NOT IN (SELECT subject, check FROM scorecard_checks WHERE source = {source:String} AND observed_on = {day:Date} AND run_id = {run:UUID})
