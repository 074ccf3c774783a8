-- The names that may be offered to somebody who has mistyped one: all but
-- those that are known only from malware reports.
SELECT project, rank
FROM project_summaries
WHERE generation = {generation:UInt64}
  AND NOT (malware > 0 AND rank = 0)
