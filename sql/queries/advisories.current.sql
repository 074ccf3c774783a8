-- The newest version of every OSV record, and when this store first knew it.
SELECT
    osv_id,
    first_known,
    database,
    aliases,
    related,
    upstream,
    published,
    modified,
    withdrawn,
    summary,
    vectors,
    severity_word
FROM
(
    SELECT
        osv_id,
        min(known_at) OVER (PARTITION BY osv_id) AS first_known,
        known_at,
        database,
        aliases,
        related,
        upstream,
        published,
        modified,
        withdrawn,
        summary,
        vectors,
        severity_word,
        deleted
    FROM advisories
    ORDER BY osv_id, known_at DESC
    LIMIT 1 BY osv_id
)
WHERE deleted = 0
ORDER BY osv_id
