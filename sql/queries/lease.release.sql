-- Gives a claim back, or withdraws it.
INSERT INTO leases (claim, holder, claimed_at, until, released, place)
SELECT {claim:UUID}, '', now64(3), now64(3), 1, 0
