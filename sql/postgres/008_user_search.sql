-- What users wrote is found by any id that the channel told of the user, newest first. Receipts of other types are not in these indexes, nor
-- is a receipt in those of ids that its channel did not tell; facts that damage made unreadable tell no user.
CREATE INDEX receipt_user ON receipt (account_id, (read_json(facts) #>> '{user,id}'), id)
  WHERE type = 'ChatAppInbound';
CREATE INDEX receipt_user_phone ON receipt (account_id, (read_json(facts) #>> '{user,phone}'), id)
  WHERE type = 'ChatAppInbound' AND position('"phone":' IN facts) > 0;
CREATE INDEX receipt_user_other ON receipt (account_id, (read_json(facts) #>> '{user,otherId}'), id)
  WHERE type = 'ChatAppInbound' AND position('"otherId":' IN facts) > 0;
CREATE INDEX receipt_user_own ON receipt (account_id, (read_json(facts) #>> '{user,userId}'), id)
  WHERE type = 'ChatAppInbound' AND position('"userId":' IN facts) > 0;
CREATE INDEX receipt_user_parent ON receipt (account_id, (read_json(facts) #>> '{user,parentUserId}'), id)
  WHERE type = 'ChatAppInbound' AND position('"parentUserId":' IN facts) > 0;
