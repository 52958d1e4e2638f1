-- Signature nonces in the order of their time: each is written at the end. Whether one has been used is known in memory.
CREATE TABLE nonce_in_time (
  used_at INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  nonce TEXT NOT NULL,
  PRIMARY KEY (used_at, key_id, nonce)
) STRICT, WITHOUT ROWID;
INSERT INTO nonce_in_time SELECT used_at, key_id, nonce FROM nonce ORDER BY used_at, key_id, nonce;
DROP TABLE nonce;
ALTER TABLE nonce_in_time RENAME TO nonce;
