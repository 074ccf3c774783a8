-- What the API says of one check of some repositories on some dates.
SELECT
    subject,
    toUInt16(observed_on) AS on_day,
    reason
FROM scorecard_checks FINAL
WHERE subject IN {subjects:Array(String)}
  AND check = {check:String}
  AND observed_on IN {days:Array(Date)}
  AND source = 'api'
ORDER BY subject, on_day
