-- That a channel told of a user under another id than the one that was written to or is told beside it: `told` is what the
-- spelling is told as, `rank` what that is (1: a number, 2: a user, 3: what links users' ids). Who had the spelling before has it
-- until then.
CREATE TABLE alias (
  account_id INTEGER NOT NULL,
  spelling TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  rank INTEGER NOT NULL,
  since INTEGER NOT NULL, -- 0 where nobody is known to have had it before
  told TEXT NOT NULL,
  until INTEGER, -- null while nobody else has it
  told_at INTEGER NOT NULL, -- within a day
  PRIMARY KEY (account_id, spelling, channel_id, rank, since)
) STRICT, WITHOUT ROWID;

CREATE INDEX alias_told ON alias (account_id, told, channel_id);
CREATE INDEX alias_age ON alias (told_at);
