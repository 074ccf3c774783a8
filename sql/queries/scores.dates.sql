-- Every date on which Scorecard results were observed, oldest first: the
-- snapshots of the archive and, after the last of them, the days on which a run
-- began that asked the API, with the number of repositories that it looked at:
-- those that it wrote an answer of, and those that it knew to be unchanged. A run
-- for one project is no observation. The run that is named counts although its
-- record is still open.
-- (A literal must not be named like a column that the condition means.)
SELECT observed_on, origin, reach
FROM
(
    SELECT DISTINCT
        observed_on,
        'archive' AS origin,
        toUInt64(0) AS reach
    FROM scorecard_results
    WHERE source = 'archive'
    UNION ALL
    SELECT
        toDate(r.started_at) AS observed_on,
        'api' AS origin,
        max(r.unchanged + w.answers) AS reach
    FROM
    (
        SELECT run_id, started_at, unchanged
        FROM
        (
            SELECT run_id, started_at, unchanged
            FROM runs FINAL
            WHERE collector = 'scorecard'
              AND project = ''
              AND state IN ('ok', 'partial')
            UNION ALL
            SELECT
                {run:UUID},
                {started:DateTime('UTC')},
                {unchanged:UInt64}
            WHERE {run:UUID} != toUUID('00000000-0000-0000-0000-000000000000')
        )
        WHERE toDate(started_at) > (SELECT max(observed_on) FROM scorecard_results WHERE source = 'archive')
    ) AS r
    LEFT JOIN
    (
        SELECT
            run_id,
            uniqExact(lower(subject)) AS answers
        FROM scorecard_results FINAL
        WHERE source = 'api'
        GROUP BY run_id
    ) AS w ON w.run_id = r.run_id
    GROUP BY observed_on
)
ORDER BY observed_on
