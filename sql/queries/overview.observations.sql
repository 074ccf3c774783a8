-- The newest rank list, the newest advisory that does not lie in the future,
-- the newest live malware report, and the store's first run.
SELECT
    (SELECT maxOrNull(observed_on) FROM ranks WHERE list = 'top-pypi-packages') AS rank_on,
    (SELECT maxOrNullIf(modified, live = 1 AND modified <= {now:DateTime64(3)}) FROM advisory_groups WHERE generation = {generation:UInt64}) AS newest_advisory,
    (
        SELECT maxOrNullIf(newest.1, newest.2 IS NULL AND newest.3 = 0)
        FROM
        (
            SELECT argMax((published, withdrawn, deleted), known_at) AS newest
            FROM advisories
            WHERE database = 'MAL'
            GROUP BY osv_id
        )
    ) AS newest_malware,
    (SELECT minOrNull(started_at) FROM runs) AS known_from
