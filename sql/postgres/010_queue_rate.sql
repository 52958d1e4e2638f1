-- How many messages came into each queue and left it for good in each minute; kept for two days.
CREATE TABLE queue_rate (
  account_id bigint NOT NULL,
  queue text NOT NULL, -- its name, so that what happened to one of the same name before is in sight too
  minute bigint NOT NULL, -- since 1970
  put bigint NOT NULL,
  deleted bigint NOT NULL,
  PRIMARY KEY (account_id, queue, minute)
);

CREATE INDEX queue_rate_minute ON queue_rate (minute);
