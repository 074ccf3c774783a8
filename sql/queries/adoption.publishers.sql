-- The publishers that the provenance objects of some projects name, one row a
-- file and bundle; bundle 0 is a file without any.
SELECT project, filename, bundle, kind, repository, workflow
FROM provenance FINAL
WHERE project IN {projects:Array(String)}
ORDER BY project, filename, bundle
