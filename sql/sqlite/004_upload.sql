-- Files that a business uploaded, to be named in its templates and messages. Their bytes are with the media.
CREATE TABLE upload (
  account_id INTEGER NOT NULL,
  id BLOB NOT NULL,
  channel_id TEXT NOT NULL,
  key TEXT NOT NULL,
  mime_type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX upload_age ON upload (created_at, bytes);
