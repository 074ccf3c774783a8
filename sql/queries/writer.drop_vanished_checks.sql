-- A result is stored with all its checks: what another run stored beyond them has gone from it.
DELETE FROM scorecard_checks
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
