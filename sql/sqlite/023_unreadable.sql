-- What this number is on PostgreSQL, the embedded store has: a table for rows that cannot be read.
SELECT 1;
