ALTER TABLE rollup_checks
    MODIFY COLUMN histogram Array(Float64) COMMENT 'votes of the conclusive projects at each score from 0 to 10: projects, their downloads, or repositories, of which each project has its part',
    COMMENT COLUMN weighting 'package, download, or repository (one vote a repository, from the time on at which the repositories were known)'
