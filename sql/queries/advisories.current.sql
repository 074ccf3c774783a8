-- Every OSV record as it is, or was before its database deleted it; when this
-- store first knew it, the earliest published that it ever had, and the ids that
-- once were its aliases.
SELECT
    osv_id,
    first_known,
    is_gone,
    first_published,
    newest.1 AS database,
    newest.2 AS aliases,
    newest.3 AS related,
    newest.4 AS upstream,
    newest.5 AS published,
    newest.6 AS modified,
    newest.7 AS withdrawn,
    newest.8 AS summary,
    newest.9 AS vectors,
    newest.10 AS severity_word,
    arraySort(arrayFilter(id -> id != osv_id AND NOT has(newest.2, id), ever)) AS former
FROM
(
    SELECT
        osv_id,
        min(known_at) AS first_known,
        CAST(argMax(deleted, known_at), 'Bool') AS is_gone,
        minIf(a.published, deleted = 0) AS first_published,
        argMaxIf(
            (a.database, a.aliases, a.related, a.upstream, a.published, a.modified, a.withdrawn, a.summary, a.vectors, a.severity_word),
            known_at, deleted = 0
        ) AS newest,
        groupUniqArrayArrayIf(a.aliases, deleted = 0) AS ever
    FROM advisories AS a
    GROUP BY osv_id
    HAVING countIf(deleted = 0) > 0
)
ORDER BY osv_id
