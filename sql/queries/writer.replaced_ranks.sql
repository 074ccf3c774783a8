-- Rows of other runs in the rank lists that this run stored whole.
SELECT count()
FROM ranks
WHERE run_id != {run:UUID}
  AND (list, observed_on) IN (SELECT DISTINCT list, observed_on FROM ranks WHERE run_id = {run:UUID})
