-- How a channel is to work, as JSON of its options; no secrets.
ALTER TABLE channel ADD COLUMN options text NOT NULL DEFAULT '{}';
