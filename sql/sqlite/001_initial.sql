-- Ids of receipts, raw events, deliveries and messages are time-ordered: milliseconds * 4096 + a running number.
-- account_id leads every key that can be led, so that a statement touches one account (docs/architecture.md).

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Who

CREATE TABLE account (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE access_key (
  id TEXT PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account,
  secret BLOB NOT NULL, -- sealed
  state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX access_key_account ON access_key (account_id, created_at);

CREATE TABLE temporary_key (
  id TEXT PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account,
  secret BLOB NOT NULL, -- sealed
  security_token BLOB NOT NULL, -- sealed
  queue_name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX temporary_key_expiry ON temporary_key (expires_at);

-- Channels

CREATE TABLE channel (
  id TEXT PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  waba_id TEXT,
  credentials BLOB NOT NULL, -- sealed JSON
  webhook TEXT NOT NULL, -- JSON of ChannelWebhook
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX channel_account ON channel (account_id, created_at);
CREATE INDEX channel_waba ON channel (type, waba_id) WHERE waba_id IS NOT NULL;

CREATE TABLE sender (
  number INTEGER PRIMARY KEY, -- order in lists
  account_id INTEGER NOT NULL,
  channel_id TEXT NOT NULL REFERENCES channel ON DELETE CASCADE,
  channel_type TEXT NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  route_id TEXT NOT NULL,
  webhook TEXT NOT NULL, -- JSON of SenderWebhook
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX sender_id ON sender (channel_id, id);
-- Every account's sandbox plays the same senders, so those are told apart by their channel alone.
CREATE UNIQUE INDEX sender_route ON sender (channel_type, route_id) WHERE channel_type <> 'sandbox';

-- Receipts

CREATE TABLE raw_event (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  channel_id TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  packed INTEGER NOT NULL, -- 1: raw deflate
  body BLOB NOT NULL,
  remarks TEXT -- JSON; null when there are none
) STRICT;

CREATE TABLE unrouted (
  channel_type TEXT NOT NULL,
  route_by TEXT NOT NULL,
  route_id TEXT NOT NULL,
  raw_event_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  channel_id TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (channel_type, route_by, route_id, raw_event_id, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX unrouted_account ON unrouted (account_id, raw_event_id, position);

CREATE TABLE receipt (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  key BLOB NOT NULL, -- the ReceiptId, 16 bytes
  type TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  channel_type TEXT NOT NULL,
  sender_id TEXT,
  sender_type TEXT,
  subject INTEGER, -- 48 bits of a hash of what it is searched by, where its key does not begin with them: our own id of a message
  occurred_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  raw_event_id INTEGER NOT NULL,
  raw_index INTEGER NOT NULL,
  superseded INTEGER NOT NULL,
  unmatched INTEGER NOT NULL,
  facts TEXT NOT NULL, -- JSON
  queue_id INTEGER,
  queue_message_id INTEGER
) STRICT;

CREATE INDEX receipt_account ON receipt (account_id, id);
CREATE INDEX receipt_subject ON receipt (account_id, subject, id) WHERE subject IS NOT NULL;

-- The unique key that refuses repeats, the way from a ReceiptId to its receipt, what a message is searched by, and how far it
-- has come: keys begin with what they are about, so all of that lies at one place, and a receipt writes one page at random.
CREATE TABLE seen (
  account_id INTEGER NOT NULL,
  key BLOB NOT NULL,
  receipt_id INTEGER NOT NULL,
  rank INTEGER NOT NULL, -- of a status; 0 for what has none
  PRIMARY KEY (account_id, key)
) STRICT, WITHOUT ROWID;

-- What users wrote, apart from the receipts so that it can be erased.
CREATE TABLE content (
  receipt_id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  body TEXT NOT NULL -- JSON of InboundContent
) STRICT;

CREATE TABLE media (
  account_id INTEGER NOT NULL,
  id BLOB NOT NULL,
  receipt_id INTEGER NOT NULL,
  channel_id TEXT NOT NULL,
  sender_id TEXT NOT NULL,
  channel_media_id TEXT NOT NULL,
  mime_type TEXT NOT NULL,
  file_name TEXT,
  sha256 TEXT,
  state TEXT NOT NULL CHECK (state IN ('pending', 'stored', 'gone', 'erased')),
  reason TEXT NOT NULL,
  bytes INTEGER,
  attempts INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX media_due ON media (due_at) WHERE state = 'pending';
CREATE INDEX media_stored ON media (created_at, bytes) WHERE state = 'stored';

-- Deliveries over HTTP

CREATE TABLE destination (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account,
  url TEXT NOT NULL,
  settings TEXT NOT NULL, -- JSON of DestinationSettings
  state TEXT NOT NULL CHECK (state IN ('active', 'opened', 'off')),
  state_reason TEXT NOT NULL,
  state_since INTEGER NOT NULL,
  secrets BLOB NOT NULL, -- sealed JSON of DestinationSecret[]
  created_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX destination_url ON destination (account_id, url);

-- state: 0 waiting, 1 blocked behind another of its lane, 2 done, 3 dead. Of one lane at most one is waiting, so what is
-- due can be claimed without a look at the others. The index of lanes is at random places, so the first receipt of a message,
-- which often is the only one in its time, stays out of it (laned 0) until a second one comes.
CREATE TABLE delivery (
  id INTEGER PRIMARY KEY, -- the receipt's: it goes to one destination
  account_id INTEGER NOT NULL,
  destination_id INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  laned INTEGER NOT NULL,
  place INTEGER NOT NULL, -- order in the lane
  state INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL, -- recorded so far
  round_start INTEGER NOT NULL, -- attempts when the schedule last began
  cause TEXT, -- told at the next try
  batch INTEGER -- the id of the first of those that travel together
) STRICT;

CREATE INDEX delivery_due ON delivery (account_id, destination_id, due_at, id) WHERE state = 0;
CREATE INDEX delivery_lane ON delivery (account_id, destination_id, lane, place) WHERE state <= 1 AND laned = 1;
CREATE INDEX delivery_batch ON delivery (account_id, destination_id, batch) WHERE state = 0 AND batch IS NOT NULL;
CREATE INDEX delivery_dead ON delivery (account_id, id) WHERE state = 3;

CREATE TABLE attempt (
  delivery_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  status INTEGER,
  outcome TEXT NOT NULL,
  answer TEXT NOT NULL,
  PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;

-- Messages of the business. state: 0 due or leased, 1 blocked behind another of its lane, 2 accepted by the channel, 3 failed,
-- 4 unknown outcome. Of one lane at most one is in state 0. due_at is null when nothing is planned.
CREATE TABLE outbound (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  channel_id TEXT NOT NULL,
  channel_type TEXT NOT NULL,
  sender_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  lane INTEGER NOT NULL,
  state INTEGER NOT NULL,
  due_at INTEGER,
  leased INTEGER NOT NULL, -- 1: a try may be under way
  attempts INTEGER NOT NULL,
  step INTEGER NOT NULL, -- of a simulated channel
  expires_at INTEGER NOT NULL,
  channel_message_id TEXT,
  status TEXT,
  status_rank INTEGER NOT NULL,
  group_id TEXT,
  task_id TEXT,
  task_key BLOB, -- set where one message per task and recipient is wanted
  envelope TEXT NOT NULL -- JSON
) STRICT;

CREATE INDEX outbound_due ON outbound (account_id, channel_id, sender_id, due_at, id) WHERE due_at IS NOT NULL AND state <> 1;
CREATE INDEX outbound_lane ON outbound (account_id, lane, id) WHERE state <= 1;
CREATE INDEX outbound_sender ON outbound (account_id, channel_id, sender_id, id);
CREATE INDEX outbound_channel_message ON outbound (account_id, channel_message_id) WHERE channel_message_id IS NOT NULL;
CREATE INDEX outbound_group ON outbound (account_id, group_id, id) WHERE group_id IS NOT NULL;
CREATE UNIQUE INDEX outbound_task ON outbound (account_id, task_key) WHERE task_key IS NOT NULL;

CREATE TABLE send_attempt (
  outbound_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  code TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (outbound_id, number)
) STRICT, WITHOUT ROWID;

-- Templates, one row a language; a code covers all languages of a name on a channel.
CREATE TABLE template (
  account_id INTEGER NOT NULL,
  channel_id TEXT NOT NULL,
  code TEXT NOT NULL,
  language TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  category TEXT NOT NULL,
  components TEXT NOT NULL, -- JSON
  example TEXT NOT NULL, -- JSON
  status TEXT NOT NULL,
  reason TEXT NOT NULL,
  allow_send INTEGER NOT NULL,
  category_change_paused INTEGER NOT NULL,
  ttl_seconds INTEGER,
  quality TEXT NOT NULL,
  vendor_id TEXT,
  review_at INTEGER, -- when its review is to be asked for or done next
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, channel_id, code, language)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX template_name ON template (account_id, channel_id, name, language);
CREATE INDEX template_review ON template (review_at) WHERE review_at IS NOT NULL;

-- Signature nonces that have been used.
CREATE TABLE nonce (
  key_id TEXT NOT NULL,
  nonce TEXT NOT NULL,
  used_at INTEGER NOT NULL,
  PRIMARY KEY (key_id, nonce)
) STRICT, WITHOUT ROWID;

CREATE INDEX nonce_used ON nonce (used_at);

-- Queues. A message row is written once; which of the two lists below its id is in says whether it may be received.
-- Ready and waiting are apart so that a receive is a range scan from its start, whatever else the queue holds.

CREATE TABLE queue (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account,
  name TEXT NOT NULL,
  attributes TEXT NOT NULL, -- JSON of QueueAttributes
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX queue_name ON queue (account_id, name);

-- Deleted queues whose messages have not all been swept.
CREATE TABLE dropped_queue (
  account_id INTEGER NOT NULL,
  queue_id INTEGER NOT NULL,
  PRIMARY KEY (account_id, queue_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  enqueued_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  extras TEXT, -- JSON of properties and group id; null when there are none
  receipt_id INTEGER -- set for a message that carries a receipt
) STRICT;

CREATE TABLE ready (
  account_id INTEGER NOT NULL,
  queue_id INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  id INTEGER NOT NULL,
  dequeue_count INTEGER NOT NULL,
  first_dequeued_at INTEGER,
  PRIMARY KEY (account_id, queue_id, priority, id)
) STRICT, WITHOUT ROWID;

-- Delayed (dequeue_count 0) or held by a receiver.
CREATE TABLE waiting (
  account_id INTEGER NOT NULL,
  queue_id INTEGER NOT NULL,
  visible_at INTEGER NOT NULL,
  id INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  dequeue_count INTEGER NOT NULL,
  first_dequeued_at INTEGER,
  moved INTEGER NOT NULL, -- 1: has a row in moved
  PRIMARY KEY (account_id, queue_id, visible_at, id)
) STRICT, WITHOUT ROWID;

-- Where a held message went whose visibility was changed, so that the handle from before still finds it.
CREATE TABLE moved (
  account_id INTEGER NOT NULL,
  queue_id INTEGER NOT NULL,
  id INTEGER NOT NULL,
  visible_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, queue_id, id)
) STRICT, WITHOUT ROWID;

-- What became of the queue message of a receipt, for its timeline.
CREATE TABLE queue_trace (
  account_id INTEGER NOT NULL,
  receipt_id INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('deleted', 'expired')),
  dequeue_count INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (account_id, receipt_id)
) STRICT, WITHOUT ROWID;

-- For people

CREATE TABLE notice (
  id INTEGER PRIMARY KEY,
  account_id INTEGER, -- null concerns the whole service
  at INTEGER NOT NULL,
  code TEXT NOT NULL,
  subject TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;

CREATE TABLE change (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL -- JSON
) STRICT;

CREATE INDEX change_account ON change (account_id, id);
