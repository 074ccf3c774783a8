-- What one generation measured of every observation.
SELECT toUInt16(observed_on) AS on_day, scope, item, source, state, toUInt16(ifNull(previous_on, toDate(0))) AS previous, matched, compared,
    ifNull(mean, 0) AS mean_or_zero, changed, lost, gained
FROM observed_moves
WHERE generation = {generation:UInt64}
ORDER BY observed_on, scope, item, source
