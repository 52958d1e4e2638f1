-- How many messages came into each queue and left it for good in each minute; kept for two days.
CREATE TABLE queue_rate (
  account_id INTEGER NOT NULL,
  queue TEXT NOT NULL, -- its name, so that what happened to one of the same name before is in sight too
  minute INTEGER NOT NULL, -- since 1970
  put INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  PRIMARY KEY (account_id, queue, minute)
) STRICT, WITHOUT ROWID;

CREATE INDEX queue_rate_minute ON queue_rate (minute);
