-- The breaks that one generation found.
SELECT toUInt16(observed_on) AS on_day, toUInt16(ifNull(previous_on, toDate(0))) AS previous, scope, item, source, measure, value, matched, state
FROM observed_breaks
WHERE generation = {generation:UInt64}
ORDER BY observed_on, scope, item, source, measure
