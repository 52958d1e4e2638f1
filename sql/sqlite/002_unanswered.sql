-- Messages that may have reached the channel and have no id of the channel's yet: a status of an unknown one waits for them.
CREATE INDEX outbound_unanswered ON outbound (account_id, channel_id, sender_id)
  WHERE channel_message_id IS NULL AND (leased = 1 OR state = 4);
