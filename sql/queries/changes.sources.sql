-- What changed of the tool and of the sources, of no single project: breaks of
-- the ledger and breaks found by rule, observations and checks that are left
-- out, days of import, and versions of Scorecard; from a day on.
INSERT INTO changes (generation, changed_on, kind, cause, item, what, before, after, before_on, why)
SELECT {generation:UInt64}, starts_on, 'break', if(scope IN ('check', 'aggregate'), 'tool', 'source'), item, scope, '', kind, CAST(NULL, 'Nullable(Date)'), what
FROM breaks
WHERE generation = {ledger:UInt64} AND kind IN ('cut', 'flag', 'frozen') AND starts_on >= {first:Date}

UNION ALL

SELECT {generation:UInt64}, observed_on, 'break', 'tool', item, scope, '', 'found', any(previous_on),
    concat('Found by rule, cause not known; units compared: ', toString(max(matched)), '.')
FROM observed_breaks
WHERE generation = {checks:UInt64} AND state = 'found' AND observed_on >= {first:Date}
GROUP BY observed_on, scope, item

UNION ALL

SELECT {generation:UInt64}, observed_on, 'suspect', 'source', source, '', '', state, CAST(NULL, 'Nullable(Date)'), reason
FROM snapshots
WHERE generation = {scores:UInt64} AND state IN ('suspect', 'confirmed') AND observed_on >= {first:Date}

UNION ALL

SELECT {generation:UInt64}, observed_on, 'loss', 'source', check, '', toString(had), toString(had - lost), previous_on, reason
FROM check_suspects
WHERE generation = {checks:UInt64} AND state IN ('suspect', 'outage', 'confirmed') AND observed_on >= {first:Date}

UNION ALL

SELECT {generation:UInt64}, day, 'import', 'source', database, '', '', toString(records), CAST(NULL, 'Nullable(Date)'), if(decision = 'ledger', 'The ledger says that it is one.', '')
FROM import_days
WHERE generation = {advisories:UInt64} AND import = 1 AND day >= {first:Date}

UNION ALL

-- Several versions are in use at a time, so one does not follow another; those of
-- the first day are no change.
SELECT {generation:UInt64}, first_on, 'version', 'tool', tool_version, '', '', tool_version, CAST(NULL, 'Nullable(Date)'), ''
FROM
(
    SELECT tool_version, first_on, min(first_on) OVER () AS begins_on
    FROM
    (
        SELECT tool_version, min(observed_on) AS first_on
        FROM scorecard_results
        WHERE source = 'api' AND tool_version != ''
        GROUP BY tool_version
    )
)
WHERE first_on > begins_on AND first_on >= {first:Date}
