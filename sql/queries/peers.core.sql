-- The core aggregates of the projects of some ranks, as far as they count now.
SELECT
    count(core) AS projects,
    quantilesExactInclusiveOrNull(0.25, 0.5, 0.75)(core) AS quartiles
FROM project_summaries
WHERE generation = {generation:UInt64}
  AND rank BETWEEN {first:UInt32} AND {last:UInt32}
  AND score_state = 'scored'
