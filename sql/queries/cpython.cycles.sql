-- The newest version of every release cycle of CPython.
SELECT
    cycle,
    released_on,
    active_to,
    ends_on,
    CAST(ended, 'Bool') AS has_ended,
    latest,
    latest_on
FROM
(
    SELECT cycle, released_on, active_to, ends_on, ended, latest, latest_on, deleted
    FROM python_cycles
    ORDER BY cycle, known_at DESC
    LIMIT 1 BY cycle
)
WHERE deleted = 0
