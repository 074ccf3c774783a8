-- A rank list is stored whole: what another run stored of the same day has gone from it.
DELETE FROM ranks
WHERE run_id != {run:UUID}
  AND (list, observed_on) IN (SELECT DISTINCT list, observed_on FROM ranks WHERE run_id = {run:UUID})
