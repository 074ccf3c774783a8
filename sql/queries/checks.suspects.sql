-- The losses of single checks that one generation found.
SELECT toUInt16(observed_on) AS on_day, check, source, toUInt16(ifNull(previous_on, toDate(0))) AS previous, had, lost, state,
    toUInt16(ifNull(back_on, toDate(0))) AS back, reason
FROM check_suspects
WHERE generation = {generation:UInt64}
ORDER BY observed_on, check, source
