-- The newest row of each project in the accepted snapshots of the archive. The
-- table is in the order of projects, so they are aggregated one by one.
SELECT
    subject,
    newest.1 AS state,
    toUInt16(newest.2) AS on_day,
    newest.3 AS aggregate,
    newest.4 AS core
FROM
(
    SELECT
        subject,
        argMax((state, observed_on, aggregate, core), (observed_on, known_at)) AS newest
    FROM scorecard_results
    WHERE source = 'archive'
      AND state IN ('scored', 'no_result')
      AND observed_on IN {days:Array(Date)}
    GROUP BY subject
)
SETTINGS optimize_aggregation_in_order = 1
