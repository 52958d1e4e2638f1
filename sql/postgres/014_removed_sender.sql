-- Senders that were deleted, with where their receipts went, until the messages that waited for them are closed.
CREATE TABLE removed_sender (
  account_id bigint NOT NULL,
  channel_id text NOT NULL,
  id text NOT NULL,
  channel_type text NOT NULL,
  waba_id text,
  type text NOT NULL,
  name text NOT NULL,
  route_id text NOT NULL,
  webhook text NOT NULL,
  removed_at bigint NOT NULL,
  due_at bigint NOT NULL, -- when its messages are looked at next
  PRIMARY KEY (account_id, channel_id, id)
);

CREATE INDEX removed_sender_due ON removed_sender (due_at);

-- Messages that wait for a sender that was deleted before this: where their receipts went is not known any more.
INSERT INTO removed_sender (account_id, channel_id, id, channel_type, waba_id, type, name, route_id, webhook, removed_at, due_at)
SELECT account_id, channel_id, sender_id, min(channel_type), NULL,
  CASE min(channel_type) WHEN 'sandbox' THEN 'whatsapp' ELSE min(channel_type) END, sender_id, sender_id,
  '{"http":false,"queue":false,"statusUrl":null,"inboundUrl":null,"types":["ChatAppInbound","ChatAppStatus"],"lateStatuses":"mark"}',
  (extract(epoch FROM now()) * 1000)::bigint, (extract(epoch FROM now()) * 1000)::bigint
FROM outbound AS o
WHERE due_at IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM sender AS s WHERE s.account_id = o.account_id AND s.channel_id = o.channel_id AND s.id = o.sender_id)
GROUP BY account_id, channel_id, sender_id;
