-- Everything but scores and ranks that has changed of a project, with the rank
-- that the project had, from a day on. A project that no list had by then is left
-- out: no cohort has it.
INSERT INTO changes (generation, changed_on, kind, cause, project, rank, rank_before, item, name, severity, what, version, before, after, before_on, why)
WITH
    groups AS
    (
        SELECT group_id, name, kind, live, severity, projects, disclosed, precision, arrived_pysec, arrived_here
        FROM advisory_groups
        WHERE generation = {advisories:UInt64}
    ),
    versions AS
    (
        SELECT
            project,
            observed_at,
            status,
            status_reason,
            organization,
            arrayStringConcat(arraySort(owners), ', ') AS users,
            from_json,
            lagInFrame(observed_at) OVER w AS observed_before,
            lagInFrame(status) OVER w AS status_before,
            lagInFrame(organization) OVER w AS organization_before,
            lagInFrame(arrayStringConcat(arraySort(owners), ', ')) OVER w AS users_before,
            lagInFrame(from_json) OVER w AS from_json_before
        FROM projects
        WHERE deleted = 0
        WINDOW w AS (PARTITION BY project ORDER BY known_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    ),
    presence AS
    (
        SELECT
            project,
            observed_at,
            listed,
            row_number() OVER w AS place,
            lagInFrame(listed) OVER w AS listed_before
        FROM project_presence
        WHERE deleted = 0
        WINDOW w AS (PARTITION BY project ORDER BY known_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ),
    forecasts AS
    (
        SELECT
            cve,
            model,
            observed_on,
            score,
            row_number() OVER w AS place,
            lagInFrame(observed_on) OVER w AS on_before,
            lagInFrame(score) OVER w AS score_before
        FROM epss FINAL
        WINDOW w AS (PARTITION BY cve, model ORDER BY observed_on ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ),
    withdrawals AS
    (
        SELECT m.group_id AS group_id, max(toDate(a.withdrawn)) AS withdrawn_on
        FROM group_members AS m
        INNER JOIN
        (
            SELECT osv_id, argMax(withdrawn, known_at) AS withdrawn
            FROM advisories
            GROUP BY osv_id
        ) AS a ON a.osv_id = m.id
        WHERE m.generation = {advisories:UInt64} AND m.role = 'withdrawn' AND a.withdrawn IS NOT NULL
        GROUP BY group_id
    )
SELECT
    {generation:UInt64},
    c.changed_on,
    c.kind,
    c.cause,
    c.project,
    r.rank,
    r.rank,
    c.item,
    c.name,
    c.severity,
    c.what,
    c.version,
    c.before,
    c.after,
    c.before_on,
    c.why
FROM
(
    SELECT 1 AS one, *
    FROM
    (
        SELECT
            assumeNotNull(disclosed) AS changed_on,
            if(kind = 'malware', 'malware', 'disclosed') AS kind,
            'project' AS cause,
            arrayJoin(projects) AS project,
            group_id AS item,
            name,
            severity,
            '' AS what,
            '' AS version,
            '' AS before,
            '' AS after,
            CAST(NULL, 'Nullable(Date)') AS before_on,
            '' AS why
        FROM groups
        WHERE live = 1 AND precision = 'day' AND disclosed IS NOT NULL

        UNION ALL

        SELECT toDate(assumeNotNull(arrived_pysec)), 'imported', 'source', arrayJoin(projects), group_id, name, severity, '', '',
            '', '', if(precision = 'day', disclosed, NULL), ''
        FROM groups
        WHERE live = 1 AND kind = 'vulnerability' AND toDate(arrived_pysec) IN
        (
            SELECT day FROM import_days WHERE generation = {advisories:UInt64} AND import = 1 AND database = 'PYSEC'
        )

        UNION ALL

        SELECT toDate(arrived_here), 'arrived', 'source', arrayJoin(projects), group_id, name, severity, '', '',
            '', '', if(precision = 'day', disclosed, NULL), ''
        FROM groups
        WHERE live = 1 AND kind = 'vulnerability'
          AND toDate(arrived_here) > (SELECT min(toDate(known_at)) FROM advisories)
          AND (precision != 'day' OR toDate(arrived_here) > assumeNotNull(disclosed) + 7)

        UNION ALL

        SELECT w.withdrawn_on, 'withdrawn', 'source', arrayJoin(g.projects), g.group_id, g.name, g.severity, '', '',
            '', '', CAST(NULL, 'Nullable(Date)'), ''
        FROM groups AS g
        INNER JOIN withdrawals AS w ON w.group_id = g.group_id
        WHERE g.live = 0 AND g.kind = 'vulnerability'

        UNION ALL

        SELECT assumeNotNull(e.kev_added_on), 'exploited', 'project', arrayJoin(g.projects), g.group_id, g.name, g.severity, '', '',
            '', e.cve, if(g.precision = 'day', g.disclosed, NULL), ''
        FROM group_exploitation AS e
        INNER JOIN groups AS g ON g.group_id = e.group_id
        WHERE e.generation = {exploitation:UInt64} AND e.kev_added_on IS NOT NULL AND g.live = 1

        UNION ALL

        SELECT f.observed_on, 'epss', 'source', arrayJoin(g.projects), g.group_id, g.name, g.severity, '', f.model,
            toString(round(f.score_before, 4)), toString(round(f.score, 4)), CAST(f.on_before, 'Nullable(Date)'), f.cve
        FROM forecasts AS f
        INNER JOIN (SELECT DISTINCT group_id, cve FROM group_exploitation WHERE generation = {exploitation:UInt64}) AS e ON e.cve = f.cve
        INNER JOIN groups AS g ON g.group_id = e.group_id
        WHERE f.place > 1 AND f.score >= 0.1 AND f.score_before < 0.1 AND g.live = 1

        UNION ALL

        SELECT x.changed_on, 'range', 'project', x.project, x.group_id, g.name, g.severity, x.change, x.version,
            x.before, '', CAST(NULL, 'Nullable(Date)'), ''
        FROM range_changes AS x
        INNER JOIN groups AS g ON g.group_id = x.group_id
        WHERE x.generation = {advisories:UInt64} AND g.kind = 'vulnerability'

        UNION ALL

        SELECT toDate(released_at), 'attestation', 'project', project, 'attestation', '', '', change, version,
            before, after, toDate(before_released_at), if(older_line = 1, 'A release of an older line.', '')
        FROM attestation_changes
        WHERE generation = {adoption:UInt64} AND change IN ('gained', 'lost', 'publisher')

        UNION ALL

        SELECT toDate(observed_at), 'status', 'project', project, 'status', '', '', '', '',
            status_before, status, CAST(toDate(observed_before), 'Nullable(Date)'), status_reason
        FROM versions
        WHERE status != status_before AND status != '' AND status_before != ''

        UNION ALL

        SELECT toDate(observed_at), 'status', 'project', project, 'index', '', '', '', '',
            if(listed = 1, 'not listed', 'listed'), if(listed = 1, 'listed', 'not listed'), CAST(NULL, 'Nullable(Date)'), ''
        FROM presence
        WHERE place = 1 AND listed = 0 OR place > 1 AND listed != listed_before

        UNION ALL

        SELECT toDate(observed_at), 'organization', 'project', project, 'organization', '', '', '', '',
            organization_before, organization, CAST(toDate(observed_before), 'Nullable(Date)'), ''
        FROM versions
        WHERE from_json = 1 AND from_json_before = 1 AND organization != organization_before

        UNION ALL

        SELECT toDate(observed_at), 'owners', 'project', project, 'owners', '', '', '', '',
            users_before, users, CAST(toDate(observed_before), 'Nullable(Date)'), ''
        FROM versions
        WHERE from_json = 1 AND from_json_before = 1 AND users != users_before
    )
) AS c
ASOF INNER JOIN
(
    SELECT DISTINCT 1 AS one, observed_on
    FROM ranks
    WHERE list = 'top-pypi-packages'
) AS l ON l.one = c.one AND c.changed_on >= l.observed_on
INNER JOIN
(
    SELECT observed_on, project, rank
    FROM ranks FINAL
    WHERE list = 'top-pypi-packages' AND rank <= 15000
) AS r ON r.observed_on = l.observed_on AND r.project = c.project
WHERE c.changed_on >= {first:Date}
