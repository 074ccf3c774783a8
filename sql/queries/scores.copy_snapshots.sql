-- Copies the untouched dates of the previous generation.
INSERT INTO snapshots (generation, observed_on, source, listed, scored, matched, lost, state, reason)
SELECT {generation:UInt64}, observed_on, source, listed, scored, matched, lost, state, reason
FROM snapshots
WHERE generation = {previous:UInt64}
  AND observed_on IN {days:Array(Date)}
