-- Copies the untouched dates of the previous generation.
INSERT INTO rollup_scores (generation, cohort, weighting, observed_on, list_on, source, state, size, asked, no_result, scored, coverage, n, mean, p10, p25, p50, p75, p90,
    repository, verified, result, recent, asked_share, repository_share, verified_share, result_share, recent_share)
SELECT {generation:UInt64}, cohort, weighting, observed_on, list_on, source, state, size, asked, no_result, scored, coverage, n, mean, p10, p25, p50, p75, p90,
    repository, verified, result, recent, asked_share, repository_share, verified_share, result_share, recent_share
FROM rollup_scores
WHERE generation = {previous:UInt64}
  AND observed_on IN {days:Array(Date)}
