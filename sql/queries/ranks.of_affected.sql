-- The ranks that projects named by an advisory ever had.
SELECT
    toUInt16(observed_on) AS on_day,
    project,
    rank
FROM ranks FINAL
WHERE list = 'top-pypi-packages'
  AND project IN (SELECT project FROM affected)
