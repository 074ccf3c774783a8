-- The ledger of initiatives as it was published.
SELECT happened_on, what, evidence
FROM initiatives
WHERE generation = {generation:UInt64}
