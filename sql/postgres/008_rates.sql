-- What happened in each minute, for the overview; kept for two days.
CREATE TABLE rate (
  account_id bigint NOT NULL,
  minute bigint NOT NULL, -- since 1970
  kind text NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (account_id, minute, kind)
);

CREATE INDEX rate_minute ON rate (minute);

-- Searches for messages by their recipient and by their task.
CREATE INDEX outbound_recipient ON outbound (account_id, recipient, id);
CREATE INDEX outbound_of_task ON outbound (account_id, task_id, id) WHERE task_id IS NOT NULL;
