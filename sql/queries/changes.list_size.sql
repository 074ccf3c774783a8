-- The newest rank list and its length.
SELECT max(observed_on) AS list_on, count() AS projects
FROM ranks FINAL
WHERE list = 'top-pypi-packages'
  AND observed_on = (SELECT max(observed_on) FROM ranks WHERE list = 'top-pypi-packages')
