-- Results of some subjects on some dates, without their checks.
SELECT
    subject,
    observed_on,
    source,
    aggregate,
    core,
    check_set,
    tool_version,
    commit
FROM scorecard_results FINAL
WHERE subject IN {subjects:Array(String)}
  AND observed_on IN {days:Array(Date)}
  AND state = 'scored'
ORDER BY observed_on, source
