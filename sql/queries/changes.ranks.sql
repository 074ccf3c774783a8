-- Projects that came into one of the cohorts by rank, or went out of one,
-- between two lists that follow each other, from a day on. Where the ledger says that the list
-- itself changed in between, it is a change of the source.
INSERT INTO changes (generation, changed_on, kind, cause, project, rank, rank_before, item, before, after, before_on, why)
WITH
    lists AS
    (
        SELECT
            observed_on,
            lagInFrame(toNullable(observed_on)) OVER (ORDER BY observed_on ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS on_before
        FROM (SELECT DISTINCT observed_on FROM ranks WHERE list = 'top-pypi-packages')
    ),
    places AS
    (
        SELECT observed_on, project, rank
        FROM ranks FINAL
        WHERE list = 'top-pypi-packages' AND rank <= 15000
    ),
    said AS
    (
        SELECT l.observed_on AS observed_on, arrayStringConcat(groupArray(b.what), ' ') AS why
        FROM lists AS l
        CROSS JOIN
        (
            SELECT starts_on, ifNull(ends_on, starts_on) AS last_on, what
            FROM breaks
            WHERE generation = {ledger:UInt64} AND scope = 'list' AND kind IN ('cut', 'flag')
            ORDER BY starts_on
        ) AS b
        WHERE b.last_on > l.on_before AND b.starts_on <= l.observed_on
        GROUP BY observed_on
    )
SELECT
    {generation:UInt64},
    m.observed_on,
    'rank',
    if(s.why = '', 'project', 'source'),
    m.project,
    m.place,
    m.place_before,
    'rank',
    if(m.place_before = 0, '', toString(m.place_before)),
    if(m.place = 0, '', toString(m.place)),
    l.on_before,
    s.why
FROM
(
    SELECT observed_on, project, sum(is_rank) AS place, sum(was_rank) AS place_before
    FROM
    (
        SELECT observed_on, project, rank AS is_rank, toUInt32(0) AS was_rank FROM places
        UNION ALL
        SELECT l.observed_on, p.project, toUInt32(0), p.rank
        FROM places AS p
        INNER JOIN lists AS l ON assumeNotNull(l.on_before) = p.observed_on
        WHERE l.on_before IS NOT NULL
    )
    GROUP BY observed_on, project
) AS m
INNER JOIN lists AS l ON l.observed_on = m.observed_on
LEFT JOIN said AS s ON s.observed_on = m.observed_on
WHERE l.on_before IS NOT NULL
  AND m.observed_on >= {first:Date}
  AND multiIf(m.place = 0, 15001, m.place <= 100, 100, m.place <= 1000, 1000, m.place <= 5000, 5000, 15000)
   != multiIf(m.place_before = 0, 15001, m.place_before <= 100, 100, m.place_before <= 1000, 1000, m.place_before <= 5000, 5000, 15000)
