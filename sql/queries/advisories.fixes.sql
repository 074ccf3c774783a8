-- What became of the flaws of one cohort and severity, by days since disclosure.
SELECT outcome, days, pairs
FROM rollup_fixes
WHERE generation = {generation:UInt64}
  AND cohort = {cohort:String}
  AND severity = {severity:String}
ORDER BY days, outcome
