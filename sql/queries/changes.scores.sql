-- Takes the moves of single scores over, from a day on.
INSERT INTO changes (generation, changed_on, kind, cause, project, rank, rank_before, item, before, after, before_on, checks, why, repository, commit_before, commit_after)
SELECT
    {generation:UInt64},
    scored_on,
    scope,
    cause,
    project,
    rank,
    rank,
    item,
    toString(round(before, 2)),
    toString(round(after, 2)),
    before_on,
    checks,
    why,
    repository,
    commit_before,
    commit_after
FROM score_moves
WHERE generation = {checks:UInt64}
  AND scored_on >= {first:Date}
