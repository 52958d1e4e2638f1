-- Notices reach people: who is told of them, what of, and how far that is.
ALTER TABLE notice ADD COLUMN ended smallint NOT NULL DEFAULT 0; -- 1: the end of what an earlier one told of

-- Who is told, beside the operator's own targets, which are settings.
CREATE TABLE notice_target (
  account_id bigint NOT NULL,
  id text NOT NULL,
  name text NOT NULL,
  kind text NOT NULL,
  language text NOT NULL,
  severity text NOT NULL, -- the least that is told
  codes text NOT NULL, -- the kinds that are told, as a JSON array; an empty one: all
  state text NOT NULL,
  address bytea NOT NULL, -- where it is and what it is signed with, sealed
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  PRIMARY KEY (account_id, id)
);

-- How telling goes, of every target that was ever told of anything. Account 0 is the operator.
CREATE TABLE notice_telling (
  account_id bigint NOT NULL,
  target_id text NOT NULL,
  due_at bigint, -- null: nothing waits
  message text NOT NULL DEFAULT '', -- the id of the one under way
  attempts bigint NOT NULL DEFAULT 0, -- of that message, the one that is being made included
  told_at bigint,
  failed_at bigint, -- the first failure since it was told last
  error text NOT NULL DEFAULT '',
  given_up bigint NOT NULL DEFAULT 0, -- messages
  PRIMARY KEY (account_id, target_id)
);

CREATE INDEX notice_telling_due ON notice_telling (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notice_telling_failed ON notice_telling (failed_at) WHERE failed_at IS NOT NULL;

-- What a target has to be told, notices of one kind and account together; gone once it was.
CREATE TABLE notice_pending (
  account_id bigint NOT NULL,
  target_id text NOT NULL,
  message text NOT NULL, -- '': not part of one yet
  about bigint NOT NULL, -- the account of the notices; 0: the whole service
  code text NOT NULL,
  raised bigint NOT NULL,
  ended bigint NOT NULL,
  samples text NOT NULL, -- ids of the first few, separated by commas
  PRIMARY KEY (account_id, target_id, message, about, code)
);

-- What was told and is not over.
CREATE TABLE notice_standing (
  account_id bigint NOT NULL, -- 0: the whole service
  code text NOT NULL,
  subject text NOT NULL,
  notice_id bigint NOT NULL, -- the last that told of it
  PRIMARY KEY (account_id, code, subject)
);

CREATE INDEX notice_standing_notice ON notice_standing (notice_id);
