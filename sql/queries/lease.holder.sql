-- The claim that holds: of those that are live the one that the server stored
-- first, with the milliseconds it has left.
SELECT
    toString(claim),
    argMin(holder, claimed_at),
    min(claimed_at) AS since,
    max(until) AS last,
    toInt64(dateDiff('millisecond', now64(3), last)) AS left
FROM leases
GROUP BY claim
HAVING max(released) = 0
   AND left > 0
ORDER BY min(if(place = 0, _block_number, place))
LIMIT 1
