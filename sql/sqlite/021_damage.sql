-- What makes damage to the file known, and what is left behind it of use: a message knows its queue, so that a lost list of what is
-- ready can be made again, and the sum of its body. Both are null in messages from before.
ALTER TABLE message ADD COLUMN queue_id INTEGER;
ALTER TABLE message ADD COLUMN checksum INTEGER; -- CRC-32 of the body in UTF-8

-- Rows that cannot be read any more, kept apart so that they hold nothing up.
CREATE TABLE unreadable (
  number INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  source TEXT NOT NULL, -- the table
  reason TEXT NOT NULL,
  account_id INTEGER,
  row TEXT NOT NULL -- JSON of its columns; bytes and text that is none as hex
) STRICT;
