-- Copies the moves of single scores of the untouched dates of the previous
-- generation.
INSERT INTO score_moves (generation, observed_on, project, rank, source, scope, item, before_on, scored_on, before, after, cause, why, checks, repository, commit_before, commit_after)
SELECT {generation:UInt64}, observed_on, project, rank, source, scope, item, before_on, scored_on, before, after, cause, why, checks, repository, commit_before, commit_after
FROM score_moves
WHERE generation = {previous:UInt64}
  AND observed_on IN {days:Array(Date)}
