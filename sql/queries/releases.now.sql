-- The releases of the first {size} projects of the newest rank list.
SELECT
    count() AS size,
    maxOrNull(h.observed_on) AS files_on,
    countIf(h.last_release IS NOT NULL) AS known,
    sum(h.releases) AS releases,
    sum(h.yanked_releases) AS yanked,
    countIf(h.yanked_releases > 0) AS yanked_in,
    countIf(h.last_release < toDateTime64(h.observed_on + 1, 6, 'UTC') - toIntervalDay(365)) AS dormant_365,
    countIf(h.last_release < toDateTime64(h.observed_on + 1, 6, 'UTC') - toIntervalDay(730)) AS dormant_730,
    countIf(h.last_release < toDateTime64(h.observed_on + 1, 6, 'UTC') - toIntervalDay(365) AND s.latest_affected > 0) AS affected_365,
    countIf(h.last_release < toDateTime64(h.observed_on + 1, 6, 'UTC') - toIntervalDay(730) AND s.latest_affected > 0) AS affected_730,
    count(h.median_interval) AS timed,
    quantilesExactInclusiveIf(0.25, 0.5, 0.75)(assumeNotNull(h.median_interval), h.median_interval IS NOT NULL) AS intervals,
    [countIf(h.last_release IS NOT NULL AND h.python = 'current'), countIf(h.last_release IS NOT NULL AND h.python = 'admits_eol'),
        countIf(h.last_release IS NOT NULL AND h.python = 'only_eol'), countIf(h.last_release IS NOT NULL AND h.python = 'unknown')] AS python,
    countIf(h.last_release IS NOT NULL AND h.python_newest IS NOT NULL) AS stated,
    countIf(h.last_release IS NOT NULL AND h.python_newest = 1) AS newest,
    countIf(h.yanked_releases > 0 AND empty(h.yank_reasons)) AS unexplained
FROM
(
    SELECT project, latest_affected
    FROM project_summaries
    WHERE generation = {summaries:UInt64}
      AND rank BETWEEN 1 AND {size:UInt32}
) AS s
LEFT JOIN
(
    SELECT project, observed_on, last_release, releases, yanked_releases, median_interval, python, python_newest, yank_reasons
    FROM release_health
    WHERE generation = {adoption:UInt64}
) AS h ON h.project = s.project
SETTINGS join_use_nulls = 1
