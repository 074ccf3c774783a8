-- Whether moves of single scores were ever kept.
SELECT toUInt8(count() > 0) FROM score_moves
