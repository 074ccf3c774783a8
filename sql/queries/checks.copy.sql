-- Copies the untouched dates of the previous generation.
INSERT INTO rollup_checks (generation, cohort, weighting, check, observed_on, list_on, source, state, size, scored, n, inconclusive, not_run, share, mean, histogram)
SELECT {generation:UInt64}, cohort, weighting, check, observed_on, list_on, source, state, size, scored, n, inconclusive, not_run, share, mean, histogram
FROM rollup_checks
WHERE generation = {previous:UInt64}
  AND observed_on IN {days:Array(Date)}
