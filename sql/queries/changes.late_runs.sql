-- The good runs that ended when what their source had before was stale already,
-- oldest first: by the date of the data of dated sources, else by the end of the
-- good run before.
SELECT collector, before, as_of, finished
FROM
(
    SELECT
        collector,
        finished_at AS finished,
        if(has({dated:Array(String)}, collector), through, finished_at) AS as_of,
        lagInFrame(as_of) OVER (PARTITION BY collector ORDER BY finished_at, started_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS before
    FROM runs FINAL
    WHERE project = '' AND state IN ('ok', 'partial') AND finished_at IS NOT NULL AND has({collectors:Array(String)}, collector)
)
WHERE before IS NOT NULL AND as_of IS NOT NULL
  AND finished > before + toIntervalSecond({seconds:Array(UInt32)}[indexOf({collectors:Array(String)}, collector)])
ORDER BY collector, finished
