-- The first {size} projects of one rank list.
SELECT project
FROM ranks FINAL
WHERE list = 'top-pypi-packages'
  AND observed_on = {on:Date}
ORDER BY rank, project
LIMIT {size:UInt32}
