ALTER TABLE advisory_groups
    COMMENT COLUMN live '1 when at least one record is neither withdrawn nor deleted by its database',
    COMMENT COLUMN score 'CVSS score of the newest CVSS version, computed: the base score of versions 2 and 3, the score of the whole vector of version 4; null unknown',
    COMMENT COLUMN arrived_pysec 'earliest published that a record of PYSEC in the group ever had; never moves',
    COMMENT COLUMN arrived_here 'when this store first knew a record of the group; never moves',
    COMMENT COLUMN flags 'split (over 32 members), unglued (a record over 5 aliases), several-cves, bad-vector (a CVSS vector that cannot be read), gone (deleted by its database)'
