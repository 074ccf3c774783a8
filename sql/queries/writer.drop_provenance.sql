-- The files that have another provenance object than is stored: a project and a
-- file in each place of the two lists.
DELETE FROM provenance
WHERE (project, filename) IN (SELECT arrayJoin(arrayZip({projects:Array(String)}, {files:Array(String)})))
