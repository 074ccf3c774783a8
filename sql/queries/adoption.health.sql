-- The releases of one project.
SELECT
    observed_on,
    releases,
    stable,
    prereleases,
    first_release,
    last_release,
    last_stable,
    median_interval,
    releases_365,
    files,
    yanked_files,
    yanked_releases,
    yank_reasons,
    version,
    requires_python,
    python,
    CAST(python_newest, 'Nullable(Bool)') AS admits_newest
FROM release_health
WHERE generation = {generation:UInt64}
  AND project = {project:String}
