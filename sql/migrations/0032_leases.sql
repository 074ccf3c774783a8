CREATE TABLE IF NOT EXISTS leases
(
    claim UUID COMMENT 'id of the claim; a process makes one when it begins to collect',
    holder String COMMENT 'who made it: program, host and process',
    claimed_at DateTime64(3, 'UTC') COMMENT 'when it was made, by the clock of the server',
    until DateTime64(3, 'UTC') COMMENT 'when it ends unless it is renewed, by the clock of the server',
    released UInt8 COMMENT '1 when it was given back or withdrawn',
    place UInt64 COMMENT 'place among the claims: number of the block in which the server stored the claim; 0 in that block itself'
)
ENGINE = MergeTree
ORDER BY claim
TTL toDateTime(until) + INTERVAL 7 DAY
SETTINGS enable_block_number_column = 1
COMMENT 'Claims of processes to be the one that collects, one row per claim, renewal and release; the first live claim holds'
