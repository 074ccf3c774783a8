-- What each source with a time axis has for each month. Releases and provenance
-- are those of the largest cohort that the rank list of the month holds.
SELECT collector, month, max(found) AS most, max(doubtful) AS left_out
FROM
(
    SELECT
        if(source = 'api', 'scorecard', 'pypiscorecards') AS collector,
        toStartOfMonth(observed_on) AS month,
        countIf(state IN ('accepted', 'cleared')) AS found,
        countIf(state NOT IN ('accepted', 'cleared')) AS doubtful
    FROM snapshots
    WHERE generation = {scores:UInt64}
    GROUP BY collector, month
    UNION ALL
    SELECT 'ranks', toStartOfMonth(observed_on) AS month, uniqExact(observed_on), 0
    FROM ranks
    WHERE list = 'top-pypi-packages'
    GROUP BY month
    UNION ALL
    SELECT 'osv', month, sum(groups), 0
    FROM rollup_advisories
    WHERE generation = {advisories:UInt64}
      AND cohort = 'all'
      AND kind = 'day'
    GROUP BY month
    UNION ALL
    SELECT 'pypi', month, max(releases), 0
    FROM rollup_releases
    WHERE generation = {adoption:UInt64}
      AND known > 0
    GROUP BY month
    UNION ALL
    SELECT 'provenance', month, max(files_attested), 0
    FROM rollup_adoption
    WHERE generation = {adoption:UInt64}
    GROUP BY month
    UNION ALL
    SELECT 'kev', toStartOfMonth(added_on) AS month, uniqExact(cve), 0
    FROM exploited
    WHERE deleted = 0
    GROUP BY month
    UNION ALL
    SELECT 'epss', toStartOfMonth(observed_on) AS month, uniqExact(observed_on), 0
    FROM epss
    GROUP BY month
    UNION ALL
    SELECT 'cpython', toStartOfMonth(toDate(published)) AS month, uniqExact(osv_id), 0
    FROM cpython_advisories
    WHERE deleted = 0
      AND published IS NOT NULL
    GROUP BY month
)
GROUP BY collector, month
ORDER BY collector, month
