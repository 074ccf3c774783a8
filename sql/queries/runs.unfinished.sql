-- The runs that are still open.
SELECT
    collector,
    started_at,
    toString(run_id) AS id,
    finished_at,
    state,
    rows,
    unchanged,
    skipped,
    rejects,
    error_class,
    error,
    note,
    cursor,
    through,
    upstream,
    version,
    project
FROM runs FINAL
WHERE state = 'running'
ORDER BY started_at, id
