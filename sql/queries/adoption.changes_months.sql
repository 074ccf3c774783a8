-- The changes of provenance by the month of the release and by kind, oldest
-- first, of the first {size} projects of the newest rank list.
SELECT
    toStartOfMonth(released_at) AS month,
    change,
    count() AS changes
FROM attestation_changes
WHERE generation = {generation:UInt64}
  AND project IN
  (
      SELECT project
      FROM ranks FINAL
      WHERE list = 'top-pypi-packages'
        AND observed_on = (SELECT max(observed_on) FROM ranks WHERE list = 'top-pypi-packages')
      ORDER BY rank, project
      LIMIT {size:UInt32}
  )
GROUP BY month, change
ORDER BY month, change
