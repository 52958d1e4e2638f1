-- Nothing: PostgreSQL alone notes a change of number by a function.
SELECT 1;
