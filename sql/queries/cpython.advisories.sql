-- The newest version of every advisory about CPython, and when this store first
-- knew it.
SELECT
    osv_id,
    first_known,
    aliases,
    published,
    modified,
    withdrawn,
    summary,
    vectors,
    severity_word,
    references,
    repository,
    introduced,
    fixed,
    versions
FROM
(
    SELECT
        osv_id,
        min(known_at) OVER (PARTITION BY osv_id) AS first_known,
        known_at,
        aliases,
        published,
        modified,
        withdrawn,
        summary,
        vectors,
        severity_word,
        references,
        repository,
        introduced,
        fixed,
        versions,
        deleted
    FROM cpython_advisories
    ORDER BY osv_id, known_at DESC
    LIMIT 1 BY osv_id
)
WHERE deleted = 0
ORDER BY published DESC NULLS LAST, osv_id DESC
