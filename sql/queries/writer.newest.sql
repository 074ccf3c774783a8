-- The newest time of learning of the tables in which the newest row of a key
-- takes the place of the others.
SELECT maxOrNull(newest)
FROM
(
    SELECT maxOrNull(known_at) AS newest FROM ranks
    UNION ALL
    SELECT maxOrNull(known_at) AS newest FROM scorecard_results
    UNION ALL
    SELECT maxOrNull(known_at) AS newest FROM scorecard_checks
    UNION ALL
    SELECT maxOrNull(known_at) AS newest FROM epss
    UNION ALL
    SELECT maxOrNull(known_at) AS newest FROM provenance
    UNION ALL
    SELECT maxOrNull(known_at) AS newest FROM rejects
)
