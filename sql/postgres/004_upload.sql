-- Files that a business uploaded, to be named in its templates and messages. Their bytes are with the media.
CREATE TABLE upload (
  account_id bigint NOT NULL,
  id bytea NOT NULL,
  channel_id text NOT NULL,
  key text NOT NULL,
  mime_type text NOT NULL,
  bytes bigint NOT NULL,
  sha256 text NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (account_id, id)
);

CREATE INDEX upload_age ON upload (created_at, bytes);
