-- Deliveries that settings do not want any more: they stand still (state 1) in their lanes until somebody wants them again or gives
-- them up. What a row says counts for as long as its delivery stands still.
CREATE TABLE unwanted (
  account_id INTEGER NOT NULL,
  delivery_id INTEGER NOT NULL,
  channel_id TEXT NOT NULL,
  sender_id TEXT NOT NULL, -- '' for what belongs to a channel as a whole
  kind TEXT NOT NULL, -- what settings choose it by
  since INTEGER NOT NULL,
  PRIMARY KEY (account_id, delivery_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX unwanted_of ON unwanted (account_id, channel_id, sender_id, kind, delivery_id);

ALTER TABLE destination ADD COLUMN name TEXT NOT NULL DEFAULT '';

-- Destinations that were removed, for as long as a delivery tells of them.
CREATE TABLE removed_destination (
  account_id INTEGER NOT NULL,
  id INTEGER NOT NULL,
  url TEXT NOT NULL,
  removed_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;
