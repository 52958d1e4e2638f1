-- People who sign in, and what access keys may do.

ALTER TABLE account ADD COLUMN first INTEGER NOT NULL DEFAULT 0; -- 1: made at the first start; its owners make the others
UPDATE account SET first = 1 WHERE id = (SELECT id FROM account ORDER BY created_at, id LIMIT 1);

ALTER TABLE access_key ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE access_key ADD COLUMN role TEXT NOT NULL DEFAULT 'full';
ALTER TABLE access_key ADD COLUMN addresses TEXT NOT NULL DEFAULT '[]'; -- JSON
ALTER TABLE access_key ADD COLUMN used_at INTEGER;

CREATE TABLE console_user (
  account_id INTEGER NOT NULL REFERENCES account,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'owner')),
  state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
  password TEXT NOT NULL, -- a hash with its parameters
  totp_secret BLOB, -- sealed; null when no app is set up
  totp_active INTEGER NOT NULL, -- 0: the app has not proved itself yet
  totp_step INTEGER NOT NULL, -- time step of the last code that was used
  created_at INTEGER NOT NULL,
  signed_in_at INTEGER,
  PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX console_user_name ON console_user (account_id, name);

CREATE TABLE session (
  account_id INTEGER NOT NULL,
  hash BLOB NOT NULL, -- SHA-256 of the token, which is kept nowhere
  user_id TEXT, -- this or key_id
  key_id TEXT,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL, -- when it ends unless it is used before
  ends_at INTEGER NOT NULL, -- when it ends however much it is used
  PRIMARY KEY (account_id, hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX session_expiry ON session (expires_at);
CREATE INDEX session_of_user ON session (account_id, user_id, created_at) WHERE user_id IS NOT NULL;
CREATE INDEX session_of_key ON session (account_id, key_id, created_at) WHERE key_id IS NOT NULL;
