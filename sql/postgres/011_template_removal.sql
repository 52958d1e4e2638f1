-- Templates that were deleted here and are to be deleted at their channel. A template of that name and language that was made
-- meanwhile is not handed in before this is over, so that the deletion cannot take the newer one.
CREATE TABLE template_removal (
  account_id bigint NOT NULL,
  channel_id text NOT NULL,
  name text NOT NULL,
  language text NOT NULL,
  code text NOT NULL,
  vendor_id text,
  attempts int NOT NULL,
  due_at bigint NOT NULL,
  PRIMARY KEY (account_id, channel_id, name, language)
);

CREATE INDEX template_removal_due ON template_removal (due_at);
