-- The form of the newest published generation of every dataset.
SELECT dataset, argMax(form, generation) AS newest_form
FROM publications
GROUP BY dataset
