-- Renews a claim that has a while left. One that is about to end, or has ended, is
-- not renewed: another process may be taking its place at this moment.
INSERT INTO leases (claim, holder, claimed_at, until, released, place)
SELECT
    claim,
    any(holder),
    min(claimed_at),
    now64(3) + toIntervalMillisecond({lasts:UInt32}),
    0,
    min(if(place = 0, _block_number, place))
FROM leases
WHERE claim = {claim:UUID}
GROUP BY claim
HAVING max(released) = 0
   AND max(until) > now64(3) + toIntervalMillisecond({spare:UInt32})
