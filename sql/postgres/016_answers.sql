-- Notes the channel's id of messages whose statuses were just recorded, and when they were sent. Those whose status is the answer to
-- the send call itself are settled with it.
CREATE OR REPLACE FUNCTION name_outbound(p_account bigint, p_rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_settled jsonb;
BEGIN
  v_settled := (SELECT jsonb_agg(t.settled) FROM jsonb_to_recordset(p_rows) t(settled jsonb) WHERE t.settled IS NOT NULL);
  IF v_settled IS NOT NULL THEN
    PERFORM settle_outbound(p_account, (SELECT max(t.now) FROM jsonb_to_recordset(p_rows) t(now bigint)), v_settled);
  END IF;
  UPDATE outbound o SET channel_message_id = coalesce(o.channel_message_id, r.channel_message), sent_at = coalesce(r.sent, o.sent_at)
    FROM (SELECT DISTINCT ON (outbound) outbound, channel_message, sent
      FROM jsonb_to_recordset(p_rows) t(outbound bigint, channel_message text, sent bigint) ORDER BY outbound, sent) r
    WHERE o.account_id = p_account AND o.id = r.outbound;
END $$;
