-- Links by which somebody outside looks after some senders of an account, until they end or are revoked.
CREATE TABLE portal_link (
  account_id INTEGER NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  colour TEXT, -- as #rrggbb
  access TEXT NOT NULL,
  senders TEXT NOT NULL, -- JSON: channel and sender of each
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL, -- as an actor of a change
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER,
  PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;
