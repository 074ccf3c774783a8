-- The ledger of breaks of one generation, oldest first.
SELECT starts_on, ends_on, scope, item, kind, what, evidence
FROM breaks
WHERE generation = {generation:UInt64}
ORDER BY starts_on, scope, item, kind
