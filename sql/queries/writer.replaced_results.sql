-- Results of other runs in the snapshots that this run stored whole.
SELECT count()
FROM scorecard_results
WHERE source = {source:String}
  AND observed_on IN {days:Array(Date)}
  AND run_id != {run:UUID}
