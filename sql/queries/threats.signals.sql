-- How many projects of one cohort show each signal of each threat. The list is
-- the one that the cohort was counted by.
SELECT
    threat,
    signal.1 AS name,
    countIf(signal.2 = 'observed') AS observed,
    countIf(signal.2 = 'not_observed') AS not_observed,
    countIf(signal.2 = 'unknown') AS unknown
FROM
(
    SELECT
        threat,
        arrayConcat(
            arrayMap(name -> (name, 'observed'), t.observed),
            arrayMap(name -> (name, 'not_observed'), t.not_observed),
            arrayMap(name -> (name, 'unknown'), t.unknown)) AS signals
    FROM project_threats AS t
    WHERE generation = {generation:UInt64}
      AND project IN
      (
          SELECT project
          FROM ranks FINAL
          WHERE list = 'top-pypi-packages'
            AND observed_on = {list_on:Date}
          ORDER BY rank, project
          LIMIT {size:UInt32}
      )
)
ARRAY JOIN signals AS signal
GROUP BY threat, name
