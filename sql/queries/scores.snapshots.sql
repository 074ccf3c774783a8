-- What one generation decided of every observation date.
SELECT observed_on, source, listed, scored, matched, lost, state, reason
FROM snapshots
WHERE generation = {generation:UInt64}
ORDER BY observed_on
