-- Whether the business has proven to the channel that a number is its own; unknown until the channel told.
ALTER TABLE sender ADD COLUMN verification TEXT NOT NULL DEFAULT 'unknown';
UPDATE sender SET verification = 'verified' WHERE channel_type = 'sandbox';
