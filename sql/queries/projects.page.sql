-- One page of the projects that answer to what is asked, in the order {sort},
-- with the number of all of them; what has no value comes last. A parameter that
-- is empty, zero or (of min and max) negative asks for nothing.
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
    latest_unknown,
    count() OVER () AS matching
FROM project_summaries
WHERE generation = {generation:UInt64}
  AND ({text:String} = '' OR position(project, {text:String}) > 0)
  AND ({size:UInt32} = 0 OR rank BETWEEN 1 AND {size:UInt32})
  AND ({state:String} = '' OR score_state = {state:String} OR {state:String} = 'none' AND score_state != 'scored')
  AND ({min:Float64} < 0 OR score_state = 'scored' AND aggregate >= {min:Float64} - 0.000001)
  AND ({max:Float64} < 0 OR score_state = 'scored' AND aggregate <= {max:Float64} + 0.000001)
  AND ({status:String} = '' OR status = {status:String})
  AND ({affected:UInt8} = 0 OR latest_affected > 0)
  AND ({kev:UInt8} = 0 OR project IN
  (
      SELECT project
      FROM exposures
      WHERE generation = {advisories:UInt64}
        AND latest_affected = 1
        AND group_id IN (SELECT group_id FROM group_exploitation WHERE generation = {exploitation:UInt64} AND kev_added_on IS NOT NULL)
  ))
  AND
  (
      {class:String} = ''
      OR {class:String} != 'unknown' AND project IN (SELECT project FROM attestations WHERE generation = {adoption:UInt64} AND class = {class:String})
      OR {class:String} = 'unknown' AND project NOT IN (SELECT project FROM attestations WHERE generation = {adoption:UInt64} AND class != 'unknown')
  )
  AND ({check:String} = '' OR score_state = 'scored' AND (if(score_source = 'api', repository, project), assumeNotNull(score_on), score_source) IN
  (
      SELECT subject, observed_on, source
      FROM scorecard_checks
      PREWHERE check = {check:String}
           AND observed_on >= {from:Date}
      GROUP BY subject, observed_on, source
      HAVING argMax((score,), known_at).1 < {below:UInt8}
  ))
ORDER BY
    multiIf({sort:String} != 'rank' OR {text:String} = '' OR project = {text:String}, 0, startsWith(project, {text:String}), 1, 2),
    if({sort:String} = 'aggregate', -ifNull(aggregate, -1), 0),
    if({sort:String} = 'advisories', -toInt64(groups), 0),
    if({sort:String} = 'release', -toUnixTimestamp(ifNull(latest_upload, toDateTime64(0, 3, 'UTC'))), 0),
    if({sort:String} = 'name', 0, if(rank = 0, 4294967295, rank)),
    project
LIMIT {limit:UInt32}
OFFSET {offset:UInt32}
