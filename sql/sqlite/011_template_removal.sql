-- Templates that were deleted here and are to be deleted at their channel. A template of that name and language that was made
-- meanwhile is not handed in before this is over, so that the deletion cannot take the newer one.
CREATE TABLE template_removal (
  account_id INTEGER NOT NULL,
  channel_id TEXT NOT NULL,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  code TEXT NOT NULL,
  vendor_id TEXT,
  attempts INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, channel_id, name, language)
) STRICT, WITHOUT ROWID;

CREATE INDEX template_removal_due ON template_removal (due_at);
