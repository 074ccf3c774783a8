-- The commonest reasons of yanks that the first {size} projects of the newest
-- rank list give, each project counted once.
SELECT
    any(written) AS reason,
    count() AS projects
FROM
(
    SELECT
        h.project AS project,
        substringUTF8(trimBoth(replaceRegexpAll(arrayJoin(h.yank_reasons), '\\s+', ' ')), 1, 300) AS written,
        trimRight(lowerUTF8(written), '.! ') AS folded,
        s.rank AS place
    FROM release_health AS h
    INNER JOIN
    (
        SELECT project, rank
        FROM project_summaries
        WHERE generation = {summaries:UInt64}
          AND rank BETWEEN 1 AND {size:UInt32}
    ) AS s ON s.project = h.project
    WHERE h.generation = {adoption:UInt64}
      AND h.yanked_releases > 0
    ORDER BY place, written
    LIMIT 1 BY project, folded
)
WHERE folded != ''
GROUP BY folded
ORDER BY projects DESC, min(place), reason
LIMIT {limit:UInt32}
