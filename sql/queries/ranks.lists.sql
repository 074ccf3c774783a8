-- Every rank list and its length as far as the largest cohort, oldest first.
SELECT
    toUInt16(observed_on) AS on_day,
    least(uniqExact(project), 15000) AS size
FROM ranks
WHERE list = 'top-pypi-packages'
GROUP BY on_day
ORDER BY on_day
