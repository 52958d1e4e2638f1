-- Raw events of which something gave no receipt, with what was said of it, found by whoever looks for it and by a version that reads more.
CREATE TABLE remarked (
  raw_event_id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  channel_id TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  from_user INTEGER NOT NULL, -- 1: may hold a message of a user
  reader TEXT NOT NULL, -- the version of the readers that made nothing more of it
  remarks TEXT NOT NULL -- JSON
) STRICT;

CREATE INDEX remarked_account ON remarked (account_id, raw_event_id);
CREATE INDEX remarked_reader ON remarked (reader, raw_event_id);

INSERT INTO remarked (raw_event_id, account_id, channel_id, received_at, from_user, reader, remarks)
SELECT id, account_id, channel_id, received_at, 0, '', remarks FROM raw_event WHERE remarks IS NOT NULL;
