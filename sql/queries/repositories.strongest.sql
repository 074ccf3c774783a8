-- The one repository by which Scorecard results reach each project: of the
-- strongest trust; then of a link whose label says that it is the source, that
-- names a forge, or that is the home page; then the first by name.
SELECT project, repository, trust
FROM
(
    SELECT project, repository, trust, label, deleted
    FROM project_repositories
    ORDER BY project, repository, trust, known_at DESC
    LIMIT 1 BY project, repository, trust
)
WHERE deleted = 0
ORDER BY
    project,
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
LIMIT 1 BY project
