-- The cursor after the last run of a collector that moved it.
SELECT cursor
FROM runs FINAL
WHERE collector = {collector:String}
  AND project = ''
  AND state IN ('ok', 'partial')
ORDER BY started_at DESC, run_id DESC
LIMIT 1
