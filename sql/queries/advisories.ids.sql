-- Every id that leads to a group.
SELECT id, group_id, role
FROM group_members
WHERE generation = {generation:UInt64}
