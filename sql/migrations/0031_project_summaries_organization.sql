ALTER TABLE project_summaries
    ADD COLUMN IF NOT EXISTS organization String COMMENT 'PyPI organization that owns the project',
    MODIFY COLUMN status LowCardinality(String) COMMENT 'project status, PEP 792; removed when the root index of PyPI no longer lists it'
