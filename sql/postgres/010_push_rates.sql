-- How pushes to each callback URL ended and how long they took, by five minutes; kept for two days.
CREATE TABLE push_rate (
  account_id bigint NOT NULL,
  destination_id bigint NOT NULL,
  minute bigint NOT NULL, -- the first of the five, since 1970
  channel_id text NOT NULL, -- '' where one POST held receipts of several
  outcome text NOT NULL,
  status bigint NOT NULL, -- 0 where there was no answer
  took bigint NOT NULL, -- the step of its duration (src/domain/duration-steps.ts)
  count bigint NOT NULL,
  PRIMARY KEY (account_id, destination_id, minute, channel_id, outcome, status, took)
);

CREATE INDEX push_rate_minute ON push_rate (minute);

-- What people have put away of what needs attention, until when.
CREATE TABLE dismissal (
  account_id bigint NOT NULL,
  cause text NOT NULL,
  subject text NOT NULL,
  ends_at bigint NOT NULL,
  PRIMARY KEY (account_id, cause, subject)
);
