-- The conclusive scores of some subjects on some dates, without their evidence.
SELECT
    observed_on,
    source,
    check,
    assumeNotNull(score) AS conclusive_score
FROM scorecard_checks FINAL
WHERE subject IN {subjects:Array(String)}
  AND observed_on IN {days:Array(Date)}
  AND score IS NOT NULL
SETTINGS do_not_merge_across_partitions_select_final = 1
