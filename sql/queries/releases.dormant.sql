-- The first {size} projects of the newest rank list that have had no release for
-- {days} days, by rank.
SELECT
    s.project AS project,
    s.display_name AS display_name,
    s.rank AS place,
    s.downloads AS downloads,
    s.latest_version AS version,
    h.last_release AS last_at,
    h.observed_on AS files_on,
    s.status AS status,
    s.latest_affected AS affected,
    s.latest_unknown AS unsure
FROM release_health AS h
INNER JOIN
(
    SELECT project, display_name, rank, downloads, latest_version, status, latest_affected, latest_unknown
    FROM project_summaries
    WHERE generation = {summaries:UInt64}
      AND rank BETWEEN 1 AND {size:UInt32}
) AS s ON s.project = h.project
WHERE h.generation = {adoption:UInt64}
  AND h.last_release < toDateTime64(h.observed_on + 1, 6, 'UTC') - toIntervalDay({days:UInt32})
ORDER BY place, project
LIMIT {limit:UInt32}
OFFSET {offset:UInt32}
