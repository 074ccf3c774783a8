ALTER TABLE breaks
    COMMENT COLUMN kind 'cut, flag, frozen, suspect, cleared, or of the days of a database of advisories: import, not-import'
