-- How many of the groups disclosed in the two years before the newest
-- disclosure have an arrival, and the days within which nine of ten arrived.
WITH
    (SELECT max(disclosed) FROM advisory_groups WHERE generation = {generation:UInt64} AND precision = 'day') AS newest,
    (SELECT toDate(min(arrived_here)) FROM advisory_groups WHERE generation = {generation:UInt64}) AS first_load,
    ifNull(toDate(arrived_pysec), toDate(arrived_here)) AS arrived
SELECT
    count() AS lags,
    ifNull(quantileExactOrNull(0.9)(greatest(dateDiff('day', assumeNotNull(disclosed), arrived), 0)), 0)::Float64 AS lag_90
FROM advisory_groups
WHERE generation = {generation:UInt64}
  AND kind = 'vulnerability'
  AND live = 1
  AND precision = 'day'
  AND disclosed > newest - INTERVAL 2 YEAR
  AND (arrived_pysec IS NOT NULL OR toDate(arrived_here) > first_load)
