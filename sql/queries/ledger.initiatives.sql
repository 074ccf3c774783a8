-- The ledger of initiatives as it was published, oldest first.
SELECT happened_on, what, evidence
FROM initiatives
WHERE generation = {generation:UInt64}
ORDER BY happened_on, what
