ALTER TABLE group_members
    COMMENT COLUMN role 'record, alias, withdrawn, gone (a record that its database deleted, or named by nothing else) or former (once an alias)'
