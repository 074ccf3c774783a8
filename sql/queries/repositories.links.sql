-- Every link that a project has or had, with the day on which it was first
-- known: of each project those that it still has first, and of these the one of
-- the strongest trust; then one whose label says that it is the source, that
-- names a forge, or that is the home page; then by name.
SELECT project, repository, trust, is_gone, first_day
FROM
(
    SELECT
        project,
        repository,
        trust,
        argMax(label, known_at) AS label,
        CAST(argMax(deleted, known_at), 'Bool') AS is_gone,
        toUInt16(toDate(min(known_at))) AS first_day
    FROM project_repositories
    GROUP BY project, repository, trust
)
ORDER BY
    project,
    is_gone,
    indexOf(['attested', 'depsdev', 'declared', 'inferred'], trust),
    transform(
        replaceRegexpAll(lower(label), '[^a-z0-9]', ''),
        ['source', 'sources', 'sourcecode', 'code', 'repository', 'repo', 'coderepository', 'sourcerepository', 'gitrepository', 'vcs', 'scm',
         'github', 'gitlab', 'codeberg', 'bitbucket', 'git', 'githubrepository', 'githubrepo',
         'homepage', 'home', 'website'],
        [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
         2, 2, 2, 2, 2, 2, 2,
         3, 3, 3],
        4),
    repository
