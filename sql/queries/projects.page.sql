-- One page of projects whose names contain {text}, in the order {sort}; what
-- has no value comes last.
SELECT
    project,
    display_name,
    rank,
    downloads,
    latest_version,
    latest_upload,
    status,
    asked_at,
    repository,
    trust,
    score_state,
    score_source,
    score_on,
    other_source,
    other_on,
    aggregate,
    core,
    groups,
    malware,
    latest_affected,
    latest_unknown
FROM project_summaries
WHERE generation = {generation:UInt64}
  AND ({text:String} = '' OR position(project, {text:String}) > 0)
ORDER BY
    multiIf({sort:String} != 'rank' OR {text:String} = '' OR project = {text:String}, 0, startsWith(project, {text:String}), 1, 2),
    if({sort:String} = 'aggregate', -ifNull(aggregate, -1), 0),
    if({sort:String} = 'advisories', -toInt64(groups), 0),
    if({sort:String} = 'release', -toUnixTimestamp(ifNull(latest_upload, toDateTime64(0, 3, 'UTC'))), 0),
    if({sort:String} = 'name', 0, if(rank = 0, 4294967295, rank)),
    project
LIMIT {limit:UInt32}
OFFSET {offset:UInt32}
