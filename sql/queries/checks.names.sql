-- The checks that are followed: those with the most answers.
SELECT check
FROM scorecard_checks
GROUP BY check
ORDER BY count() DESC, check
LIMIT {most:UInt16}
