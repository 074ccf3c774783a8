-- The downloads of some projects in every rank list.
SELECT
    toUInt16(observed_on) AS on_day,
    project,
    downloads
FROM ranks FINAL
WHERE list = 'top-pypi-packages'
  AND project IN {projects:Array(String)}
