-- How a channel is to work, as JSON of its options; no secrets.
ALTER TABLE channel ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
