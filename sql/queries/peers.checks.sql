-- The conclusive checks behind the values of the projects of some ranks. A
-- result of the API counts once for each project of its repository.
WITH members AS
(
    SELECT
        if(score_source = 'api', repository, project) AS subject,
        assumeNotNull(score_on) AS observed_on,
        score_source AS source
    FROM project_summaries
    WHERE generation = {generation:UInt64}
      AND rank BETWEEN {first:UInt32} AND {last:UInt32}
      AND score_state = 'scored'
)
SELECT
    c.check AS name,
    count() AS conclusive,
    countIf(c.score >= 8) AS high,
    quantileExactInclusive(0.5)(assumeNotNull(c.score)) AS median
FROM
(
    SELECT subject, check, observed_on, source, score
    FROM scorecard_checks FINAL
    WHERE (subject, observed_on, source) IN (SELECT subject, observed_on, source FROM members)
      AND score IS NOT NULL
) AS c
INNER JOIN members AS m ON m.subject = c.subject AND m.observed_on = c.observed_on AND m.source = c.source
GROUP BY name
ORDER BY name
