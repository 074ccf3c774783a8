-- Every date on which Scorecard results were observed, oldest first: the
-- snapshots of the archive and, after the last of them, the days on which the
-- API was asked.
SELECT observed_on, source
FROM
(
    SELECT DISTINCT
        observed_on,
        'archive' AS source
    FROM scorecard_results
    WHERE source = 'archive'
    UNION ALL
    SELECT DISTINCT
        toDate(started_at) AS observed_on,
        'api' AS source
    FROM runs FINAL
    WHERE collector = 'scorecard'
      AND state IN ('ok', 'partial')
      AND toDate(started_at) > (SELECT max(observed_on) FROM scorecard_results WHERE source = 'archive')
)
ORDER BY observed_on
