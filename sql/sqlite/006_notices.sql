-- Notices reach people: who is told of them, what of, and how far that is.
ALTER TABLE notice ADD COLUMN ended INTEGER NOT NULL DEFAULT 0; -- 1: the end of what an earlier one told of

-- Who is told, beside the operator's own targets, which are settings.
CREATE TABLE notice_target (
  account_id INTEGER NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  language TEXT NOT NULL,
  severity TEXT NOT NULL, -- the least that is told
  codes TEXT NOT NULL, -- the kinds that are told, as a JSON array; an empty one: all
  state TEXT NOT NULL,
  address BLOB NOT NULL, -- where it is and what it is signed with, sealed
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

-- How telling goes, of every target that was ever told of anything. Account 0 is the operator.
CREATE TABLE notice_telling (
  account_id INTEGER NOT NULL,
  target_id TEXT NOT NULL,
  due_at INTEGER, -- null: nothing waits
  message TEXT NOT NULL DEFAULT '', -- the id of the one under way
  attempts INTEGER NOT NULL DEFAULT 0, -- of that message, the one that is being made included
  told_at INTEGER,
  failed_at INTEGER, -- the first failure since it was told last
  error TEXT NOT NULL DEFAULT '',
  given_up INTEGER NOT NULL DEFAULT 0, -- messages
  PRIMARY KEY (account_id, target_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX notice_telling_due ON notice_telling (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notice_telling_failed ON notice_telling (failed_at) WHERE failed_at IS NOT NULL;

-- What a target has to be told, notices of one kind and account together; gone once it was.
CREATE TABLE notice_pending (
  account_id INTEGER NOT NULL,
  target_id TEXT NOT NULL,
  message TEXT NOT NULL, -- '': not part of one yet
  about INTEGER NOT NULL, -- the account of the notices; 0: the whole service
  code TEXT NOT NULL,
  raised INTEGER NOT NULL,
  ended INTEGER NOT NULL,
  samples TEXT NOT NULL, -- ids of the first few, separated by commas
  PRIMARY KEY (account_id, target_id, message, about, code)
) STRICT, WITHOUT ROWID;

-- What was told and is not over.
CREATE TABLE notice_standing (
  account_id INTEGER NOT NULL, -- 0: the whole service
  code TEXT NOT NULL,
  subject TEXT NOT NULL,
  notice_id INTEGER NOT NULL, -- the last that told of it
  PRIMARY KEY (account_id, code, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX notice_standing_notice ON notice_standing (notice_id);
