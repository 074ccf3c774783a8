-- The newest version of every release cycle of CPython, vanished ones too.
SELECT cycle, known_at, content_hash, deleted
FROM python_cycles
ORDER BY cycle, known_at DESC
LIMIT 1 BY cycle
