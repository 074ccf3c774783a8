-- Claims the right to collect, from now on by the server's clock.
INSERT INTO leases (claim, holder, claimed_at, until, released, place)
SELECT
    {claim:UUID},
    {holder:String},
    now64(3),
    now64(3) + toIntervalMillisecond({lasts:UInt32}),
    0,
    0
