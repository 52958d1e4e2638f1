-- When a message was sent by its channel's clock; set on channels that tell of all messages up to a time at once.
ALTER TABLE outbound ADD COLUMN sent_at INTEGER;
CREATE INDEX outbound_open ON outbound (account_id, channel_id, sender_id, recipient, status_rank, sent_at)
  WHERE sent_at IS NOT NULL AND status_rank < 4;

-- The same messages as before, to be found by recipient too.
DROP INDEX outbound_unanswered;
CREATE INDEX outbound_unanswered ON outbound (account_id, channel_id, sender_id, recipient)
  WHERE channel_message_id IS NULL AND (leased = 1 OR state = 4);
