-- Some OSV records as they are, or were before their database deleted them.
SELECT
    osv_id,
    first_known,
    newest.1 AS database,
    newest.2 AS aliases,
    newest.3 AS published,
    newest.4 AS modified,
    newest.5 AS withdrawn,
    newest.6 AS summary,
    newest.7 AS vectors,
    newest.8 AS severity_word,
    newest.9 AS references
FROM
(
    SELECT
        osv_id,
        min(known_at) AS first_known,
        argMaxIf(
            (a.database, a.aliases, a.published, a.modified, a.withdrawn, a.summary, a.vectors, a.severity_word, a.references),
            known_at, deleted = 0
        ) AS newest
    FROM advisories AS a
    WHERE osv_id IN {ids:Array(String)}
    GROUP BY osv_id
    HAVING countIf(deleted = 0) > 0
)
ORDER BY osv_id
