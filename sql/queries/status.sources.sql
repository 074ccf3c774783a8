-- How each collector stands: its last try, and its last success. A run for one project
-- is neither. How far its data go is as its newest good run that knows says: a
-- clock that was once ahead must not hide what came after.
SELECT
    collector,
    max(started_at) AS last_try,
    argMax(state, (started_at, revision)) AS last_state,
    argMax(rows, (started_at, revision)) AS last_rows,
    argMax(unchanged, (started_at, revision)) AS last_unchanged,
    argMax(skipped, (started_at, revision)) AS last_skipped,
    argMax(rejects, (started_at, revision)) AS last_rejects,
    argMax(error_class, (started_at, revision)) AS last_error_class,
    argMax(error, (started_at, revision)) AS last_error,
    argMax(note, (started_at, revision)) AS last_note,
    argMax(upstream, (started_at, revision)) AS last_upstream,
    maxIf(finished_at, state IN ('ok', 'partial')) AS last_success,
    argMaxIf(through, started_at, state IN ('ok', 'partial')) AS data_through
FROM runs
WHERE project = ''
GROUP BY collector
ORDER BY collector
