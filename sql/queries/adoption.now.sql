-- The projects and downloads of one cohort by attestation class, as of the
-- newest rank list; those of unknown class by reason, those with an attested
-- file by publisher.
SELECT
    r.list_on AS list_on,
    ifNull(a.class, 'unknown') AS class,
    ifNull(a.reason, 'not asked') AS reason,
    ifNull(a.publisher_kind, '') AS kind,
    count() AS projects,
    sum(r.downloads) AS downloads,
    max(a.observed_on) AS files_on
FROM
(
    SELECT project, observed_on AS list_on, downloads
    FROM ranks FINAL
    WHERE list = 'top-pypi-packages'
      AND observed_on = (SELECT max(observed_on) FROM ranks WHERE list = 'top-pypi-packages')
    ORDER BY rank, project
    LIMIT {size:UInt32}
) AS r
LEFT JOIN
(
    SELECT project, class, reason, publisher_kind, observed_on
    FROM attestations
    WHERE generation = {generation:UInt64}
) AS a ON a.project = r.project
GROUP BY list_on, class, reason, kind
SETTINGS join_use_nulls = 1
