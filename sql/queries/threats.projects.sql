-- What is known of every project of the newest rank list, by rank, as far as
-- the largest cohort.
SELECT
    r.project AS project,
    ifNull(s.score_state, '') AS score_state,
    ifNull(s.score_source, '') AS score_source,
    ifNull(toUInt16(s.score_on), 0) AS score_day,
    ifNull(s.repository, '') AS repository,
    ifNull(s.malware, 0) AS malware,
    ifNull(s.latest_affected, 0) AS latest_affected,
    CAST(ifNull(p.from_json, 0), 'Bool') AS json_answered,
    ifNull(p.organization, '') AS organization,
    toUInt32(ifNull(p.owner_count, 0)) AS owner_count,
    ifNull(s.status, '') AS status,
    ifNull(a.class, '') AS class,
    CAST(a.declared_match, 'Nullable(Bool)') AS declared_match,
    h.first_release AS first_release,
    h.last_release AS last_release,
    h.observed_on AS files_on,
    ifNull(h.python, '') AS python
FROM
(
    SELECT project, rank
    FROM ranks FINAL
    WHERE list = 'top-pypi-packages'
      AND observed_on = (SELECT max(observed_on) FROM ranks WHERE list = 'top-pypi-packages')
    ORDER BY rank, project
    LIMIT 15000
) AS r
LEFT JOIN
(
    SELECT project, status, score_state, score_source, score_on, repository, malware, latest_affected
    FROM project_summaries
    WHERE generation = {summaries:UInt64}
) AS s ON s.project = r.project
LEFT JOIN
(
    SELECT project, from_json, organization, length(owners) AS owner_count
    FROM
    (
        SELECT project, from_json, organization, owners, deleted
        FROM projects
        ORDER BY project, known_at DESC
        LIMIT 1 BY project
    )
    WHERE deleted = 0
) AS p ON p.project = r.project
LEFT JOIN
(
    SELECT project, class, declared_match
    FROM attestations
    WHERE generation = {adoption:UInt64}
) AS a ON a.project = r.project
LEFT JOIN
(
    SELECT project, first_release, last_release, observed_on, python
    FROM release_health
    WHERE generation = {adoption:UInt64}
) AS h ON h.project = r.project
ORDER BY r.rank, r.project
SETTINGS join_use_nulls = 1
