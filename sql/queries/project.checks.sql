-- The checks of some subjects on some dates.
SELECT
    subject,
    observed_on,
    source,
    check,
    score,
    reason,
    details
FROM scorecard_checks FINAL
WHERE subject IN {subjects:Array(String)}
  AND observed_on IN {days:Array(Date)}
ORDER BY subject, check
