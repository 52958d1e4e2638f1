-- When a message was sent by its channel's clock; set on channels that tell of all messages up to a time at once.
ALTER TABLE outbound ADD COLUMN sent_at bigint;
CREATE INDEX outbound_open ON outbound (account_id, channel_id, sender_id, recipient, status_rank, sent_at)
  WHERE sent_at IS NOT NULL AND status_rank < 4;

-- The same messages as before, to be found by recipient too.
DROP INDEX outbound_unanswered;
CREATE INDEX outbound_unanswered ON outbound (account_id, channel_id, sender_id, recipient)
  WHERE channel_message_id IS NULL AND (leased = 1 OR state = 4);

-- Notes the channel's id of messages whose statuses were just recorded, and when they were sent.
CREATE FUNCTION name_outbound(p_account bigint, p_rows jsonb) RETURNS void LANGUAGE sql AS $$
  UPDATE outbound o SET channel_message_id = coalesce(o.channel_message_id, r.channel_message), sent_at = coalesce(r.sent, o.sent_at)
    FROM (SELECT DISTINCT ON (outbound) outbound, channel_message, sent
      FROM jsonb_to_recordset(p_rows) t(outbound bigint, channel_message text, sent bigint) ORDER BY outbound, sent) r
    WHERE o.account_id = p_account AND o.id = r.outbound;
$$;
