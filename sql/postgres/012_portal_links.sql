-- Links by which somebody outside looks after some senders of an account, until they end or are revoked.
CREATE TABLE portal_link (
  account_id bigint NOT NULL,
  id text NOT NULL,
  name text NOT NULL,
  colour text, -- as #rrggbb
  access text NOT NULL,
  senders text NOT NULL, -- JSON: channel and sender of each
  created_at bigint NOT NULL,
  created_by text NOT NULL, -- as an actor of a change
  expires_at bigint NOT NULL,
  revoked_at bigint,
  PRIMARY KEY (account_id, id)
);
