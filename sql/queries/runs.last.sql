-- The newest run of every collector.
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
    version
FROM runs FINAL
ORDER BY collector, started_at DESC, id DESC
LIMIT 1 BY collector
