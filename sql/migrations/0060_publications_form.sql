ALTER TABLE publications
    ADD COLUMN IF NOT EXISTS form UInt32 COMMENT 'number of what is derived into the dataset, which a program raises when it derives something else; 0 from before there were such numbers'
