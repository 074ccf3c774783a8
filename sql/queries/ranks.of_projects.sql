-- The ranks of some projects in some lists.
SELECT
    toUInt16(observed_on) AS on_day,
    project,
    rank
FROM ranks FINAL
WHERE list = 'top-pypi-packages'
  AND observed_on IN {days:Array(Date)}
  AND project IN {projects:Array(String)}
