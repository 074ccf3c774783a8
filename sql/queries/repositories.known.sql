-- The day of the store's first link from a project to a repository, 0 without.
SELECT toUInt16(toDate(min(known_at))) AS known_day
FROM project_repositories
