-- The scores of the archive from {from} on, one row for each project and check:
-- three bytes for each, the day (low byte first) and the score plus 3, so that
-- -1, inconclusive, is 2. The key's order keeps the groups small and one thread
-- the merge of the parts. A group grows to some kilobytes, so blocks of a
-- thousand keep the query below a third of what the engine allows it; of eight
-- thousand it needs more than all of it on an ecosystem of 5,000 projects.
SELECT
    subject,
    check,
    groupConcat(char(bitAnd(toUInt16(observed_on), 255), bitShiftRight(toUInt16(observed_on), 8), ifNull(score, -1) + 3)) AS cells
FROM scorecard_checks FINAL
WHERE source = 'archive'
  AND observed_on >= {from:Date}
GROUP BY subject, check
ORDER BY subject, check
SETTINGS optimize_aggregation_in_order = 1, do_not_merge_across_partitions_select_final = 1, max_threads = 1, max_block_size = 1024
