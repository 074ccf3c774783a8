-- The rank lists that dates from {from} on need: the newest one on or before
-- it and all later ones, each as far as the largest cohort, by rank.
SELECT
    toUInt16(observed_on) AS on_day,
    project,
    downloads
FROM ranks FINAL
WHERE list = 'top-pypi-packages'
  AND observed_on >= (SELECT max(observed_on) FROM ranks WHERE list = 'top-pypi-packages' AND observed_on <= {from:Date})
ORDER BY on_day, rank, project
LIMIT 15000 BY on_day
