-- People who sign in, and what access keys may do.

ALTER TABLE account ADD COLUMN first smallint NOT NULL DEFAULT 0; -- 1: made at the first start; its owners make the others
UPDATE account SET first = 1 WHERE id = (SELECT id FROM account ORDER BY created_at, id LIMIT 1);

ALTER TABLE access_key ADD COLUMN name text NOT NULL DEFAULT '';
ALTER TABLE access_key ADD COLUMN role text NOT NULL DEFAULT 'full';
ALTER TABLE access_key ADD COLUMN addresses text NOT NULL DEFAULT '[]'; -- JSON
ALTER TABLE access_key ADD COLUMN used_at bigint;

CREATE TABLE console_user (
  account_id bigint NOT NULL REFERENCES account,
  id text NOT NULL,
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('viewer', 'operator', 'owner')),
  state text NOT NULL CHECK (state IN ('active', 'disabled')),
  password text NOT NULL, -- a hash with its parameters
  totp_secret bytea, -- sealed; null when no app is set up
  totp_active smallint NOT NULL, -- 0: the app has not proved itself yet
  totp_step bigint NOT NULL, -- time step of the last code that was used
  created_at bigint NOT NULL,
  signed_in_at bigint,
  PRIMARY KEY (account_id, id)
);

CREATE UNIQUE INDEX console_user_name ON console_user (account_id, name);

CREATE TABLE session (
  account_id bigint NOT NULL,
  hash bytea NOT NULL, -- SHA-256 of the token, which is kept nowhere
  user_id text, -- this or key_id
  key_id text,
  created_at bigint NOT NULL,
  seen_at bigint NOT NULL,
  expires_at bigint NOT NULL, -- when it ends unless it is used before
  ends_at bigint NOT NULL, -- when it ends however much it is used
  PRIMARY KEY (account_id, hash)
);

CREATE INDEX session_expiry ON session (expires_at);
CREATE INDEX session_of_user ON session (account_id, user_id, created_at) WHERE user_id IS NOT NULL;
CREATE INDEX session_of_key ON session (account_id, key_id, created_at) WHERE key_id IS NOT NULL;
