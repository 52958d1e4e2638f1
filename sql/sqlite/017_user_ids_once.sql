-- A number or lasting id that is the user's id is found by that alone: most users of WhatsApp have no other, and each index writes a page
-- at random.
DROP INDEX receipt_user_phone;
DROP INDEX receipt_user_own;
CREATE INDEX receipt_user_phone ON receipt (account_id, iif(json_valid(facts), facts ->> '$.user.phone', NULL), id)
  WHERE type = 'ChatAppInbound' AND instr(facts, '"phone":') > 0
    AND iif(json_valid(facts), facts ->> '$.user.phone' IS NOT facts ->> '$.user.id', 0);
CREATE INDEX receipt_user_own ON receipt (account_id, iif(json_valid(facts), facts ->> '$.user.userId', NULL), id)
  WHERE type = 'ChatAppInbound' AND instr(facts, '"userId":') > 0
    AND iif(json_valid(facts), facts ->> '$.user.userId' IS NOT facts ->> '$.user.id', 0);
