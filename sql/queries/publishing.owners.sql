-- Who owned one project from a time on, newest first: the versions of its
-- metadata in which the JSON API had answered and the owners are not those of
-- the version before.
SELECT known_at, owners, organization
FROM
(
    SELECT
        known_at,
        owners,
        organization,
        row_number() OVER (ORDER BY known_at) AS place,
        lagInFrame((arraySort(owners), organization)) OVER (ORDER BY known_at ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS was
    FROM projects FINAL
    WHERE project = {project:String}
      AND from_json = 1
      AND deleted = 0
)
WHERE place = 1 OR was != (arraySort(owners), organization)
ORDER BY known_at DESC
LIMIT {limit:UInt32}
