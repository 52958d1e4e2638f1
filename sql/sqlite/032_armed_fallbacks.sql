-- Nothing: PostgreSQL alone reads the time of a fallback by a function.
SELECT 1;
