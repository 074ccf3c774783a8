-- One page of the changes of provenance of some kinds, newest first, of the
-- first {size} projects of the newest rank list, with the number of all.
SELECT
    c.project AS project,
    c.change AS change,
    c.version AS version,
    c.released_at AS released_at,
    c.before_version AS before_version,
    c.before_released_at AS before_released_at,
    CAST(c.older_line, 'Bool') AS is_older,
    c.fields AS fields,
    c.before AS before,
    c.after AS after,
    r.rank AS place,
    count() OVER () AS total
FROM attestation_changes AS c
INNER JOIN
(
    SELECT project, rank
    FROM ranks FINAL
    WHERE list = 'top-pypi-packages'
      AND observed_on = (SELECT max(observed_on) FROM ranks WHERE list = 'top-pypi-packages')
    ORDER BY rank, project
    LIMIT {size:UInt32}
) AS r ON r.project = c.project
WHERE c.generation = {generation:UInt64}
  AND c.change IN {kinds:Array(String)}
ORDER BY released_at DESC, project, change
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
