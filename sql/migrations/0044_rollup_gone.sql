ALTER TABLE rollup_advisories
    COMMENT COLUMN kind 'day, year or unknown (precision of a vulnerability\'s disclosure), malware, withdrawn, or gone (deleted by its database)'
