-- The newest rank list.
SELECT project, rank, downloads
FROM ranks FINAL
WHERE list = 'top-pypi-packages'
  AND observed_on = (SELECT max(observed_on) FROM ranks WHERE list = 'top-pypi-packages')
