-- What users wrote is found by any id that the channel told of the user, newest first. Receipts of other types are not in these indexes, nor
-- is a receipt in those of ids that its channel did not tell; facts that damage made unreadable tell no user.
CREATE INDEX receipt_user ON receipt (account_id, iif(json_valid(facts), facts ->> '$.user.id', NULL), id)
  WHERE type = 'ChatAppInbound';
CREATE INDEX receipt_user_phone ON receipt (account_id, iif(json_valid(facts), facts ->> '$.user.phone', NULL), id)
  WHERE type = 'ChatAppInbound' AND instr(facts, '"phone":') > 0;
CREATE INDEX receipt_user_other ON receipt (account_id, iif(json_valid(facts), facts ->> '$.user.otherId', NULL), id)
  WHERE type = 'ChatAppInbound' AND instr(facts, '"otherId":') > 0;
CREATE INDEX receipt_user_own ON receipt (account_id, iif(json_valid(facts), facts ->> '$.user.userId', NULL), id)
  WHERE type = 'ChatAppInbound' AND instr(facts, '"userId":') > 0;
CREATE INDEX receipt_user_parent ON receipt (account_id, iif(json_valid(facts), facts ->> '$.user.parentUserId', NULL), id)
  WHERE type = 'ChatAppInbound' AND instr(facts, '"parentUserId":') > 0;
