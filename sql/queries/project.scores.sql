-- Every result of one project: its own in the archive, and those of its
-- repository at the API, oldest first.
SELECT
    observed_on,
    source,
    state,
    aggregate,
    core,
    conclusive
FROM scorecard_results FINAL
WHERE (subject, source) IN (({project:String}, 'archive'), ({repository:String}, 'api'))
ORDER BY observed_on, source
