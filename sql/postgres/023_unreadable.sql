-- Rows that cannot be read any more and stood in the way of others, kept apart as on the embedded store.
CREATE TABLE unreadable (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at bigint NOT NULL,
  source text NOT NULL, -- the table
  reason text NOT NULL,
  account_id bigint,
  row text NOT NULL -- JSON of its columns
);
