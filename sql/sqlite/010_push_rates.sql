-- How pushes to each callback URL ended and how long they took, by five minutes; kept for two days.
CREATE TABLE push_rate (
  account_id INTEGER NOT NULL,
  destination_id INTEGER NOT NULL,
  minute INTEGER NOT NULL, -- the first of the five, since 1970
  channel_id TEXT NOT NULL, -- '' where one POST held receipts of several
  outcome TEXT NOT NULL,
  status INTEGER NOT NULL, -- 0 where there was no answer
  took INTEGER NOT NULL, -- the step of its duration (src/domain/duration-steps.ts)
  count INTEGER NOT NULL,
  PRIMARY KEY (account_id, destination_id, minute, channel_id, outcome, status, took)
) STRICT, WITHOUT ROWID;

CREATE INDEX push_rate_minute ON push_rate (minute);

-- What people have put away of what needs attention, until when.
CREATE TABLE dismissal (
  account_id INTEGER NOT NULL,
  cause TEXT NOT NULL,
  subject TEXT NOT NULL,
  ends_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, cause, subject)
) STRICT, WITHOUT ROWID;
