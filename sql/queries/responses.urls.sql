-- Every URL that has answered.
SELECT url FROM responses
