-- When a user did anything here last, to about a minute.
ALTER TABLE console_user ADD COLUMN used_at INTEGER;

-- Settings of the service that somebody set while it ran, in the words of the settings file.
CREATE TABLE setting (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  set_at INTEGER NOT NULL,
  set_by TEXT NOT NULL -- as an actor of a change
) STRICT, WITHOUT ROWID;
