-- The newest time at which PyPI said something new of any project, null before
-- the first.
SELECT maxOrNull(observed_at) AS newest
FROM projects
