-- The first n projects of the newest rank list, by rank.
SELECT project
FROM ranks FINAL
WHERE list = 'top-pypi-packages'
  AND observed_on = (SELECT max(observed_on) FROM ranks WHERE list = 'top-pypi-packages')
  AND rank <= {n:UInt32}
ORDER BY rank, project
