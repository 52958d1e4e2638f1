-- Ids are milliseconds * 4096 + a running number until 2030, and go on with 512 a millisecond from there (src/domain/ids.ts), so that
-- they stay below 2^53 until 2107. Places of a schema that was made later than 2037, or by a clock that said so, begin there as well.
SELECT setval('place_number', 7755595776000000 + ((extract(epoch FROM clock_timestamp()) + 366 * 86400) * 1000 - 1893456000000)::bigint * 512)
  FROM place_number WHERE last_value > 9000000000000000;
