-- The newest run of every collector. One for a single project says nothing of its
-- source; one that failed or is open may have stored rows that nothing was derived
-- from.
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
WHERE project = ''
   OR state NOT IN ('ok', 'partial')
ORDER BY collector, started_at DESC, id DESC
LIMIT 1 BY collector
