-- The newest published generation of every dataset.
SELECT dataset, max(generation) AS generation
FROM publications
GROUP BY dataset
