-- A snapshot is stored whole: what other runs stored of the same days has been said anew, or has gone from it.
DELETE FROM scorecard_results
WHERE source = {source:String}
  AND observed_on IN {days:Array(Date)}
  AND run_id != {run:UUID}
