-- Results of some subjects on some dates.
SELECT
    subject,
    observed_on,
    source,
    state,
    reason,
    stated,
    aggregate,
    core,
    check_set,
    tool_version,
    commit
FROM scorecard_results FINAL
WHERE subject IN {subjects:Array(String)}
  AND observed_on IN {days:Array(Date)}
