-- The shared store, by subject: accounts, channels, receipts, media, deliveries, messages of the business, fallbacks, templates, queues,
-- upkeep; after them the functions, by subject again. docs/architecture.md says what an account, a lane and the rest are.
--
-- Ids of receipts, raw events, deliveries and messages grow with time (src/domain/ids.ts makes and reads them). Every table that grows has
-- account_id first in its key, so that what a hot statement touches is one account's. Times are
-- milliseconds since 1970, flags are 0 or 1, and what is sealed is so by the master key.

CREATE TABLE meta (
  key text PRIMARY KEY,
  value bytea NOT NULL
);

-- Nodes that run: each holds a number, so that ids of two nodes never meet.
CREATE TABLE node (
  number smallint PRIMARY KEY,
  holder text,
  lease_until bigint NOT NULL
);

INSERT INTO node (number, lease_until) SELECT n, 0 FROM generate_series(0, 63) n;

-- What one node does for all nodes, and which one it is.
CREATE TABLE lease (
  name text PRIMARY KEY,
  holder text NOT NULL,
  ends_at bigint NOT NULL
);

-- What stands in a lane or a queue has a place there that the database gives, under the lane's lock: each is above all that were given
-- before, whichever node wrote them, and no clock has a part in it.
CREATE SEQUENCE place_number;

-- Accounts: who may call, and who may sign in

CREATE TABLE account (
  id bigint PRIMARY KEY,
  name text NOT NULL,
  first smallint NOT NULL DEFAULT 0, -- 1: made at the first start; its owners make the others
  created_at bigint NOT NULL
);

CREATE TABLE access_key (
  id text PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES account,
  name text NOT NULL DEFAULT '',
  secret bytea NOT NULL, -- sealed
  state text NOT NULL CHECK (state IN ('active', 'disabled')),
  role text NOT NULL DEFAULT 'full',
  addresses text NOT NULL DEFAULT '[]', -- JSON; from where it may be used, from anywhere when empty
  created_at bigint NOT NULL,
  used_at bigint
);

CREATE INDEX access_key_account ON access_key (account_id, created_at);

CREATE TABLE temporary_key (
  id text PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES account,
  secret bytea NOT NULL, -- sealed
  security_token bytea NOT NULL, -- sealed
  queue_name text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL
);

CREATE INDEX temporary_key_expiry ON temporary_key (expires_at);

-- Signature nonces that have been used. Keys belong to accounts, but are known before their account is.
CREATE TABLE nonce (
  key_id text NOT NULL,
  nonce text NOT NULL,
  used_at bigint NOT NULL,
  PRIMARY KEY (key_id, nonce)
);

CREATE INDEX nonce_used ON nonce (used_at);

CREATE TABLE console_user (
  account_id bigint NOT NULL REFERENCES account,
  id text NOT NULL,
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('viewer', 'operator', 'owner')),
  state text NOT NULL CHECK (state IN ('active', 'disabled')),
  password text NOT NULL, -- a hash with its parameters
  totp_secret bytea, -- sealed; null when no app is set up
  totp_active smallint NOT NULL, -- 0: the app has not proved itself yet
  totp_step bigint NOT NULL, -- time step of the last code that was used
  created_at bigint NOT NULL,
  signed_in_at bigint,
  PRIMARY KEY (account_id, id)
);

CREATE UNIQUE INDEX console_user_name ON console_user (account_id, name);

CREATE TABLE session (
  account_id bigint NOT NULL,
  hash bytea NOT NULL, -- SHA-256 of the token, which is kept nowhere
  user_id text, -- this or key_id
  key_id text,
  created_at bigint NOT NULL,
  seen_at bigint NOT NULL,
  expires_at bigint NOT NULL, -- when it ends unless it is used before
  ends_at bigint NOT NULL, -- when it ends however much it is used
  PRIMARY KEY (account_id, hash)
);

CREATE INDEX session_expiry ON session (expires_at);
CREATE INDEX session_of_user ON session (account_id, user_id, created_at) WHERE user_id IS NOT NULL;
CREATE INDEX session_of_key ON session (account_id, key_id, created_at) WHERE key_id IS NOT NULL;

-- Who changed what.
CREATE TABLE change (
  account_id bigint NOT NULL,
  id bigint NOT NULL,
  at bigint NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  detail text NOT NULL, -- JSON
  PRIMARY KEY (account_id, id)
);

-- Refused sign-ins go once their time is over, and are found without a walk over the rest, which stays.
CREATE INDEX change_refused ON change (id) WHERE action = 'session.refused';

-- Channels, their senders, and whom senders wrote to

CREATE TABLE channel (
  id text PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES account,
  type text NOT NULL,
  name text NOT NULL,
  waba_id text,
  credentials bytea NOT NULL, -- sealed JSON
  options text NOT NULL DEFAULT '{}', -- JSON; how it is to work, no secrets
  webhook text NOT NULL, -- JSON of ChannelWebhook
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL
);

CREATE INDEX channel_account ON channel (account_id, created_at);
CREATE INDEX channel_waba ON channel (type, waba_id) WHERE waba_id IS NOT NULL;

CREATE TABLE sender (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- order in lists
  account_id bigint NOT NULL,
  channel_id text NOT NULL REFERENCES channel ON DELETE CASCADE,
  channel_type text NOT NULL,
  id text NOT NULL,
  type text NOT NULL,
  name text NOT NULL,
  route_id text NOT NULL,
  -- Whether the business has proven to the channel that a number is its own; unknown until the channel told.
  verification text NOT NULL DEFAULT 'unknown',
  webhook text NOT NULL, -- JSON of SenderWebhook
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL
);

CREATE UNIQUE INDEX sender_id ON sender (channel_id, id);
-- Every account's sandbox plays the same senders, so those are told apart by their channel alone.
CREATE UNIQUE INDEX sender_route ON sender (channel_type, route_id) WHERE channel_type <> 'sandbox';

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
  webhook text NOT NULL, -- JSON of SenderWebhook
  removed_at bigint NOT NULL,
  due_at bigint NOT NULL, -- when its messages are looked at next
  PRIMARY KEY (account_id, channel_id, id)
);

CREATE INDEX removed_sender_due ON removed_sender (due_at);

-- That a channel told of a user under another id than the one that was written to or is told beside it: `told` is what the spelling is told
-- as, `rank` what that is (0: the number that was taken in its stead, at `until`; 1: a number; 2: a user; 3: what links users' ids). Who had
-- the spelling before has it until then.
CREATE TABLE alias (
  account_id bigint NOT NULL,
  spelling text NOT NULL,
  channel_id text NOT NULL,
  rank smallint NOT NULL,
  since bigint NOT NULL, -- 0 where nobody is known to have had it before
  told text NOT NULL,
  until bigint, -- null while nobody else has it
  told_at bigint NOT NULL, -- within a day
  PRIMARY KEY (account_id, spelling, channel_id, rank, since)
);

CREATE UNIQUE INDEX alias_open ON alias (account_id, spelling, channel_id, rank) WHERE until IS NULL;
CREATE INDEX alias_told ON alias (account_id, told, channel_id);
CREATE INDEX alias_age ON alias (told_at);

-- Receipts, and the posts of channels that they came of

CREATE TABLE raw_event (
  account_id bigint NOT NULL,
  id bigint NOT NULL,
  channel_id text NOT NULL,
  received_at bigint NOT NULL,
  packed smallint NOT NULL, -- 1: raw deflate
  body bytea NOT NULL,
  PRIMARY KEY (account_id, id)
);

-- Packed already, or too small to gain anything.
ALTER TABLE raw_event ALTER COLUMN body SET STORAGE EXTERNAL;

-- Raw events of which something gave no receipt, with what was said of it, found by whoever looks for it and by a version that reads more.
CREATE TABLE remarked (
  account_id bigint NOT NULL,
  raw_event_id bigint NOT NULL,
  channel_id text NOT NULL,
  received_at bigint NOT NULL,
  from_user smallint NOT NULL, -- 1: may hold a message of a user
  reader text NOT NULL, -- the version of the readers that made nothing more of it
  remarks text NOT NULL, -- JSON
  PRIMARY KEY (account_id, raw_event_id)
);

CREATE INDEX remarked_reader ON remarked (reader, raw_event_id);

-- Parts of raw events that belong to nobody yet.
CREATE TABLE unrouted (
  channel_type text NOT NULL,
  route_by text NOT NULL,
  route_id text NOT NULL,
  raw_event_id bigint NOT NULL,
  position int NOT NULL,
  account_id bigint NOT NULL,
  channel_id text NOT NULL,
  received_at bigint NOT NULL,
  PRIMARY KEY (channel_type, route_by, route_id, raw_event_id, position)
);

CREATE INDEX unrouted_account ON unrouted (account_id, raw_event_id, position);

CREATE TABLE receipt (
  account_id bigint NOT NULL,
  id bigint NOT NULL,
  key bytea NOT NULL, -- the ReceiptId, 16 bytes
  type text NOT NULL,
  channel_id text NOT NULL,
  channel_type text NOT NULL,
  sender_id text,
  sender_type text,
  subject bigint, -- 48 bits of a hash of what it is searched by, where its key does not begin with them: our own id of a message
  occurred_at bigint NOT NULL,
  recorded_at bigint NOT NULL,
  raw_event_id bigint NOT NULL,
  raw_index int NOT NULL,
  superseded smallint NOT NULL,
  unmatched smallint NOT NULL,
  rank smallint NOT NULL, -- of a status; 0 for what has none
  facts text NOT NULL, -- JSON
  queue_id bigint,
  queue_message_id bigint,
  PRIMARY KEY (account_id, id)
);

-- Refuses repeats, leads from a ReceiptId to its receipt, and finds all of a message and how far it has come: keys begin with
-- what they are about, so all of that lies at one place.
CREATE UNIQUE INDEX receipt_key ON receipt (account_id, key);
CREATE INDEX receipt_subject ON receipt (account_id, subject, id) WHERE subject IS NOT NULL;

-- What users wrote, apart from the receipts so that it can be erased.
CREATE TABLE content (
  account_id bigint NOT NULL,
  receipt_id bigint NOT NULL,
  body text NOT NULL, -- JSON of InboundContent
  PRIMARY KEY (account_id, receipt_id)
);

-- Media: what users sent, and what businesses uploaded

CREATE TABLE media (
  account_id bigint NOT NULL,
  id bytea NOT NULL,
  receipt_id bigint NOT NULL,
  channel_id text NOT NULL,
  sender_id text NOT NULL,
  channel_media_id text NOT NULL,
  mime_type text NOT NULL,
  file_name text,
  sha256 text,
  state text NOT NULL CHECK (state IN ('pending', 'stored', 'gone', 'erased')),
  reason text NOT NULL,
  bytes bigint,
  attempts int NOT NULL,
  due_at bigint NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (account_id, id)
);

-- They are fetched in turn, account by account and channel by channel: the first of each is found without those behind it.
CREATE INDEX media_due ON media (due_at) WHERE state = 'pending';
CREATE INDEX media_account_due ON media (account_id, due_at) WHERE state = 'pending';
CREATE INDEX media_channel_due ON media (account_id, channel_id, due_at) WHERE state = 'pending';
-- What sweeps look for, so that they need not walk over all that is to stay.
CREATE INDEX media_stored ON media (created_at, bytes) WHERE state = 'stored';
CREATE INDEX media_over ON media (created_at) WHERE state IN ('gone', 'erased');

-- Files that a business uploaded, to be named in its templates and messages. Their bytes are with the media.
CREATE TABLE upload (
  account_id bigint NOT NULL,
  id bytea NOT NULL,
  channel_id text NOT NULL,
  key text NOT NULL,
  mime_type text NOT NULL,
  bytes bigint NOT NULL,
  sha256 text NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (account_id, id)
);

CREATE INDEX upload_age ON upload (created_at, bytes);

-- The bytes of both, in pieces that pass through a connection without holding it for long.
CREATE TABLE media_chunk (
  account_id bigint NOT NULL,
  media_id bytea NOT NULL,
  number int NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (account_id, media_id, number)
);

ALTER TABLE media_chunk ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- Deliveries over HTTP

CREATE TABLE destination (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES account,
  name text NOT NULL DEFAULT '',
  url text NOT NULL,
  settings text NOT NULL, -- JSON of DestinationSettings
  -- What is due waits for so long before its first try; out of the settings, by note_destination.
  first_wait_ms bigint NOT NULL DEFAULT 0,
  state text NOT NULL CHECK (state IN ('active', 'opened', 'off')),
  state_reason text NOT NULL,
  state_since bigint NOT NULL,
  secrets bytea NOT NULL, -- sealed JSON of DestinationSecret[]
  created_at bigint NOT NULL
);

CREATE UNIQUE INDEX destination_url ON destination (account_id, url);

-- Destinations that were removed, for as long as a delivery tells of them.
CREATE TABLE removed_destination (
  account_id bigint NOT NULL,
  id bigint NOT NULL,
  url text NOT NULL,
  removed_at bigint NOT NULL,
  PRIMARY KEY (account_id, id)
);

-- Until when a destination is left alone because its receiver said that it is too much. Apart from the destination, so that writing
-- it down waits for nobody who reads that one; a row whose time is over says nothing.
CREATE TABLE destination_pause (
  account_id bigint NOT NULL,
  destination_id bigint NOT NULL,
  until bigint NOT NULL,
  status bigint NOT NULL, -- what the receiver answered
  asked_ms bigint, -- the wait that it named; null when it named none
  PRIMARY KEY (account_id, destination_id)
);

-- Which node pushes to a destination, until when by the database's clock; no holder: it was given up. Its holder knows by
-- itself what it has in hand, so that a claim writes nothing.
CREATE TABLE destination_hold (
  account_id bigint NOT NULL,
  destination_id bigint NOT NULL,
  holder text NOT NULL,
  until bigint NOT NULL,
  PRIMARY KEY (account_id, destination_id)
) WITH (fillfactor = 50);

-- state: 0 waiting, 1 blocked behind another of its lane or unwanted, 2 done, 3 dead. Of one lane at most one is waiting, so what is
-- due can be claimed without a look at the others. The index of lanes is at random places, so the first receipt of a message,
-- which often is the only one in its time, stays out of it (laned 0) until a second one comes. The last attempt stands in its
-- delivery, because most have one only.
CREATE TABLE delivery (
  account_id bigint NOT NULL,
  id bigint NOT NULL, -- its receipt's: a receipt goes to one destination
  destination_id bigint NOT NULL,
  lane bigint NOT NULL,
  laned smallint NOT NULL,
  place bigint NOT NULL, -- order in the lane
  state smallint NOT NULL,
  due_at bigint NOT NULL,
  attempts int NOT NULL, -- recorded so far
  round_start int NOT NULL, -- attempts when the schedule last began
  cause text, -- told at the next try
  batch bigint, -- the id of the first of those that travel together
  at bigint,
  duration_ms int,
  status int,
  outcome text,
  answer text,
  PRIMARY KEY (account_id, id)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);

CREATE INDEX delivery_due ON delivery (account_id, destination_id, due_at, id) WHERE state = 0;
CREATE INDEX delivery_lane ON delivery (account_id, destination_id, lane, place) WHERE state <= 1 AND laned = 1;
CREATE INDEX delivery_batch ON delivery (account_id, destination_id, batch) WHERE state = 0 AND batch IS NOT NULL;
-- By age, without a look at the many that are done; of one destination without those of others.
CREATE INDEX delivery_open ON delivery (account_id, id) WHERE state <= 1;
CREATE INDEX delivery_dead ON delivery (account_id, id) WHERE state = 3;
CREATE INDEX delivery_dead_of ON delivery (account_id, destination_id, id) WHERE state = 3;

-- Attempts before the last.
CREATE TABLE attempt (
  account_id bigint NOT NULL,
  delivery_id bigint NOT NULL,
  number int NOT NULL,
  at bigint NOT NULL,
  duration_ms int NOT NULL,
  status int,
  outcome text NOT NULL,
  answer text NOT NULL,
  PRIMARY KEY (account_id, delivery_id, number)
);

-- Deliveries that settings do not want any more: they stand still (state 1) in their lanes until somebody wants them again or gives
-- them up. What a row says counts for as long as its delivery stands still.
CREATE TABLE unwanted (
  account_id bigint NOT NULL,
  delivery_id bigint NOT NULL,
  channel_id text NOT NULL,
  sender_id text NOT NULL, -- '' for what belongs to a channel as a whole
  kind text NOT NULL, -- what settings choose it by
  since bigint NOT NULL,
  PRIMARY KEY (account_id, delivery_id)
);

CREATE INDEX unwanted_of ON unwanted (account_id, channel_id, sender_id, kind, delivery_id);

-- Messages of the business

-- state: 0 due or leased, 1 blocked behind another of its lane, 2 accepted by the channel, 3 failed, 4 unknown outcome. Of one lane at most
-- one is in state 0. due_at is null when nothing is planned.
CREATE TABLE outbound (
  account_id bigint NOT NULL,
  id bigint NOT NULL,
  channel_id text NOT NULL,
  channel_type text NOT NULL,
  sender_id text NOT NULL,
  recipient text NOT NULL,
  lane bigint NOT NULL,
  place bigint, -- order in the lane
  state smallint NOT NULL,
  due_at bigint,
  leased smallint NOT NULL, -- 1: a try may be under way
  attempts int NOT NULL,
  step int NOT NULL, -- of a simulated channel
  expires_at bigint NOT NULL,
  channel_message_id text,
  sent_at bigint, -- by its channel's clock; set on channels that tell of all messages up to a time at once
  status text,
  status_rank smallint NOT NULL,
  group_id text,
  task_id text,
  task_key bytea, -- set where one message per task and recipient is wanted
  envelope text NOT NULL, -- JSON
  PRIMARY KEY (account_id, id)
);

CREATE INDEX outbound_due ON outbound (account_id, channel_id, sender_id, due_at, id) WHERE due_at IS NOT NULL AND state <> 1;
CREATE INDEX outbound_place ON outbound (account_id, lane, place) WHERE state <= 1;
CREATE UNIQUE INDEX outbound_task ON outbound (account_id, task_key) WHERE task_key IS NOT NULL;
-- Which message a status is about: one that the channel named, one that it may have and has not named yet, or all up to a time.
CREATE INDEX outbound_channel_message ON outbound (account_id, channel_message_id) WHERE channel_message_id IS NOT NULL;
CREATE INDEX outbound_unanswered ON outbound (account_id, channel_id, sender_id, recipient)
  WHERE channel_message_id IS NULL AND (leased = 1 OR state = 4);
CREATE INDEX outbound_open ON outbound (account_id, channel_id, sender_id, recipient, status_rank, sent_at)
  WHERE sent_at IS NOT NULL AND status_rank < 4;
-- What people search by.
CREATE INDEX outbound_sender ON outbound (account_id, channel_id, sender_id, id);
CREATE INDEX outbound_recipient ON outbound (account_id, recipient, id);
CREATE INDEX outbound_group ON outbound (account_id, group_id, id) WHERE group_id IS NOT NULL;
CREATE INDEX outbound_of_task ON outbound (account_id, task_id, id) WHERE task_id IS NOT NULL;

CREATE TABLE send_attempt (
  account_id bigint NOT NULL,
  outbound_id bigint NOT NULL,
  number int NOT NULL,
  at bigint NOT NULL,
  duration_ms int NOT NULL,
  outcome text NOT NULL,
  code text NOT NULL,
  text text NOT NULL,
  PRIMARY KEY (account_id, outbound_id, number)
);

-- Fallbacks

-- Short messages that take the place of a message which does not reach its recipient. A row is armed with its message and
-- fires when the message fails, or when its time is over before the message was delivered.
CREATE TABLE fallback (
  account_id bigint NOT NULL,
  outbound_id bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('armed', 'firing', 'taken', 'dead', 'dropped')),
  reason text CHECK (reason IN ('failed', 'undelivered')),
  due_at bigint, -- when it fires, or is tried next; null when nothing is planned
  attempts int NOT NULL,
  PRIMARY KEY (account_id, outbound_id)
);

CREATE INDEX fallback_due ON fallback (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE fallback_attempt (
  account_id bigint NOT NULL,
  outbound_id bigint NOT NULL,
  number int NOT NULL,
  at bigint NOT NULL,
  duration_ms bigint NOT NULL,
  status int,
  text text NOT NULL,
  PRIMARY KEY (account_id, outbound_id, number)
);

-- Templates

-- One row a language; a code covers all languages of a name on a channel.
CREATE TABLE template (
  account_id bigint NOT NULL,
  channel_id text NOT NULL,
  code text NOT NULL,
  language text NOT NULL,
  name text NOT NULL,
  type text NOT NULL,
  category text NOT NULL,
  components text NOT NULL, -- JSON
  example text NOT NULL, -- JSON
  parameter_format text NOT NULL DEFAULT 'POSITIONAL', -- how the channel knows its variables
  is_edited int NOT NULL DEFAULT 0, -- 1: changed here, and still to be changed at the channel
  status text NOT NULL,
  reason text NOT NULL,
  allow_send bigint NOT NULL,
  category_change_paused bigint NOT NULL,
  ttl_seconds bigint,
  quality text NOT NULL,
  vendor_id text,
  offered text NOT NULL DEFAULT '[]', -- JSON, digests of what was offered to the channel under its name
  asked text, -- JSON, the word of a review that was taken without its webhook
  review_at bigint, -- when its review is to be asked for or done next; while somebody is at it, when the lease ends
  lease text, -- who is at its review
  lease_ends_at bigint, -- until then nobody else takes it up, also when it is changed meanwhile
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  PRIMARY KEY (account_id, channel_id, code, language)
);

CREATE UNIQUE INDEX template_name ON template (account_id, channel_id, name, language);
CREATE INDEX template_review ON template (review_at, account_id) WHERE review_at IS NOT NULL;
CREATE INDEX template_channel_review ON template (account_id, channel_id, review_at) WHERE review_at IS NOT NULL;

-- Templates that were deleted here and are to be deleted at their channel. A template of that name and language that was made
-- meanwhile is not handed in before this is over, so that the deletion cannot take the newer one.
CREATE TABLE template_removal (
  account_id bigint NOT NULL,
  channel_id text NOT NULL,
  name text NOT NULL,
  language text NOT NULL,
  code text NOT NULL,
  vendor_id text,
  offered text NOT NULL DEFAULT '[]', -- JSON, as the template's
  attempts int NOT NULL,
  due_at bigint NOT NULL,
  lease text, -- who is at it; its due time is the end of that
  PRIMARY KEY (account_id, channel_id, name, language)
);

CREATE INDEX template_removal_due ON template_removal (due_at, account_id);
CREATE INDEX template_removal_channel_due ON template_removal (account_id, channel_id, due_at);

-- Queues

CREATE TABLE queue (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES account,
  name text COLLATE "C" NOT NULL,
  attributes text NOT NULL, -- JSON of QueueAttributes
  -- What hot statements need of the attributes, by note_queue. The defaults hold for attributes that cannot be read as they are written: the
  -- longest retention, so that nothing expires early. One that becomes unreadable later keeps what it had.
  delay_ms bigint NOT NULL DEFAULT 0,
  visibility_ms bigint NOT NULL DEFAULT 30000,
  retention_ms bigint NOT NULL DEFAULT 1296000000,
  created_at bigint NOT NULL,
  modified_at bigint NOT NULL
);

CREATE UNIQUE INDEX queue_name ON queue (account_id, name);

-- Deleted queues whose messages have not all been swept.
CREATE TABLE dropped_queue (
  account_id bigint NOT NULL,
  queue_id bigint NOT NULL,
  dropped_at bigint NOT NULL,
  PRIMARY KEY (account_id, queue_id)
);

-- state: 0 ready, 1 delayed (dequeue_count 0) or held by a receiver. Each state has an index of its own, so that a receive is
-- a range scan from its start, whatever else the queue holds. Its id is its place in the queue.
CREATE TABLE message (
  account_id bigint NOT NULL,
  id bigint NOT NULL,
  queue_id bigint NOT NULL,
  state smallint NOT NULL,
  priority smallint NOT NULL,
  visible_at bigint NOT NULL,
  dequeue_count int NOT NULL,
  first_dequeued_at bigint,
  enqueued_at bigint NOT NULL,
  receipt_id bigint, -- set for a message that carries a receipt
  extras text, -- JSON of properties and group id; null when there are none
  body text NOT NULL,
  PRIMARY KEY (account_id, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);

CREATE INDEX message_ready ON message (account_id, queue_id, priority, id) WHERE state = 0;
CREATE INDEX message_waiting ON message (account_id, queue_id, visible_at, id) WHERE state = 1;

-- How many messages each queue holds: the sum of what each transaction changed. The sweep adds rows up.
CREATE TABLE queue_tally (
  account_id bigint NOT NULL,
  queue_id bigint NOT NULL,
  active bigint NOT NULL,
  inactive bigint NOT NULL,
  delayed bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

CREATE INDEX queue_tally_queue ON queue_tally (account_id, queue_id);

-- What became of the queue message of a receipt, for its timeline.
CREATE TABLE queue_trace (
  account_id bigint NOT NULL,
  receipt_id bigint NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('deleted', 'expired')),
  dequeue_count int NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (account_id, receipt_id)
);

-- How many messages came into each queue and left it for good in each minute; kept for two days.
CREATE TABLE queue_rate (
  account_id bigint NOT NULL,
  queue text NOT NULL, -- its name, so that what happened to one of the same name before is in sight too
  minute bigint NOT NULL, -- since 1970
  put bigint NOT NULL,
  deleted bigint NOT NULL,
  PRIMARY KEY (account_id, queue, minute)
);

CREATE INDEX queue_rate_minute ON queue_rate (minute);

-- Upkeep: what the service tells people of itself

CREATE TABLE notice (
  id bigint PRIMARY KEY,
  account_id bigint, -- null concerns the whole service
  at bigint NOT NULL,
  code text NOT NULL,
  subject text NOT NULL,
  text text NOT NULL,
  -- What it speaks of and what checks found, as JSON, so that it can be told in another language than its text.
  params text NOT NULL DEFAULT '{}',
  findings text NOT NULL DEFAULT '[]'
);

-- What happened in each minute, for the overview; kept for two days.
CREATE TABLE rate (
  account_id bigint NOT NULL,
  minute bigint NOT NULL, -- since 1970
  kind text NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (account_id, minute, kind)
);

CREATE INDEX rate_minute ON rate (minute);

-- Rows that cannot be read any more and stood in the way of others, kept apart as on the embedded store.
CREATE TABLE unreadable (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at bigint NOT NULL,
  source text NOT NULL, -- the table
  reason text NOT NULL,
  account_id bigint,
  row text NOT NULL -- JSON of its columns
);

CREATE INDEX unreadable_at ON unreadable (at);

-- Functions
--
-- Each is one statement, so one transaction and one round trip, and works on one account. The planner may have been told that a table is
-- empty, and would then rather read all of an account's rows once than look each up. Three shapes keep it from that: a subquery in the place
-- of a value, a lateral one fenced by OFFSET 0, and `= ANY` of ids; `state + 0` keeps it from a partial index of that state.
--
-- A row whose JSON cannot be read fails nobody but itself: no statement that is about many rows reads JSON out of a column and fails by it.
-- What hot statements need of a queue or a destination stands in columns of its own, kept by the row's own change; what else is read out of
-- JSON is read by read_json and read_number.

-- JSON from a text that may be none: null then. (The cast, IS JSON and JSON_EXISTS each fail on some text, or take one that the other
-- refuses; servers before 16 have no pg_input_is_valid.)
CREATE FUNCTION read_json(p_text text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  RETURN p_text::jsonb;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
  RETURN NULL;
END $$;

-- A whole number from 0 to p_most out of such a text; null when it is not one or is not there.
CREATE FUNCTION read_number(p_text text, p_path text[], p_most bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  v_number numeric;
BEGIN
  v_number := (p_text::jsonb #>> p_path)::numeric;
  RETURN CASE WHEN v_number BETWEEN 0 AND p_most AND v_number = trunc(v_number) THEN v_number END;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
  RETURN NULL;
END $$;

-- Holds lanes until the end of the transaction, in one order for all, so that what looks at a lane and then changes it is alone with it on all
-- nodes. A transaction calls this once for all lanes that it will touch, of deliveries and of messages: one that came back for more could wait
-- for another that waits for it. Very many lanes are held by holding their account: the server keeps all locks in a table of bounded size.
CREATE FUNCTION hold_lanes(p_account bigint, p_lanes bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF cardinality(p_lanes) > 600 THEN
    PERFORM pg_advisory_xact_lock(hashint8extended(p_account, 0));
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock_shared(hashint8extended(p_account, 0));
  PERFORM pg_advisory_xact_lock(hashint8extended(lane, p_account))
    FROM (SELECT DISTINCT lane FROM unnest(p_lanes) lane ORDER BY lane) l;
END $$;

-- Users' ids

-- That a user left a number for another (rank 0): `until` is when. What was told of the number that is left ends then, and what
-- others had under the new one; the user's lasting id goes along.
CREATE FUNCTION move_alias(p_account bigint, p_channel text, p_spelling text, p_told text, p_at bigint, p_earlier bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_other text;
  v_left text;
  v_since bigint;
  v_user record;
  v_told text;
  v_rank smallint;
BEGIN
  IF EXISTS (SELECT 1 FROM alias WHERE account_id = p_account AND spelling = p_spelling AND channel_id = p_channel AND rank = 0
      AND until = p_at AND told = p_told) THEN
    RETURN;
  END IF;
  -- The same number in the channel's own spelling goes with it.
  SELECT told INTO v_other FROM alias
    WHERE account_id = p_account AND spelling = p_spelling AND channel_id = p_channel AND rank = 1 AND until IS NULL;
  FOREACH v_left IN ARRAY CASE WHEN v_other IS NULL OR v_other = p_told THEN ARRAY[p_spelling] ELSE ARRAY[p_spelling, v_other] END LOOP
    SELECT coalesce(max(until), 0) INTO v_since FROM alias
      WHERE account_id = p_account AND channel_id = p_channel AND until < p_at
        AND ((spelling = v_left AND rank <> 1) OR (told = v_left AND rank = 0));
    SELECT told, rank INTO v_user FROM alias
      WHERE account_id = p_account AND spelling = v_left AND channel_id = p_channel AND rank > 1 AND until IS NULL AND told_at <= p_at
      ORDER BY rank LIMIT 1;
    IF FOUND AND v_told IS NULL THEN
      v_told := v_user.told;
      v_rank := v_user.rank;
    END IF;
    UPDATE alias SET until = p_at
      WHERE account_id = p_account AND spelling = v_left AND channel_id = p_channel AND rank > 1 AND until IS NULL AND told_at <= p_at;
    INSERT INTO alias (account_id, spelling, channel_id, rank, since, told, until, told_at)
      VALUES (p_account, v_left, p_channel, 0, v_since, p_told, p_at, p_at) ON CONFLICT DO NOTHING;
    DELETE FROM alias a WHERE a.account_id = p_account AND a.spelling = v_left AND a.channel_id = p_channel AND a.rank = 0
      AND a.since < (SELECT e.since FROM alias e WHERE e.account_id = p_account AND e.spelling = v_left
        AND e.channel_id = p_channel AND e.rank = 0 ORDER BY e.since DESC LIMIT 1 OFFSET p_earlier);
  END LOOP;
  UPDATE alias SET until = p_at
    WHERE account_id = p_account AND spelling = p_told AND channel_id = p_channel AND rank > 1 AND until IS NULL AND told_at < p_at;
  -- What is told of the number later, by whoever has it from then on, is of no time before.
  UPDATE alias SET since = p_at
    WHERE account_id = p_account AND spelling = p_told AND channel_id = p_channel AND rank > 1 AND until IS NULL AND since < p_at;
  IF v_told IS NOT NULL AND NOT EXISTS (SELECT 1 FROM alias WHERE account_id = p_account AND spelling = p_told
      AND channel_id = p_channel AND rank = v_rank AND until IS NULL) THEN
    INSERT INTO alias (account_id, spelling, channel_id, rank, since, told, told_at)
      VALUES (p_account, p_told, p_channel, v_rank, p_at, v_told, p_at) ON CONFLICT DO NOTHING;
  END IF;
END $$;

-- Notes that ids are of one user, in one order for all callers. p_retold: that one was told again is noted once in this time;
-- p_earlier: earlier users of a spelling that are remembered. Returns how many it was told.
CREATE FUNCTION tell_aliases(p_account bigint, p_now bigint, p_retold bigint, p_earlier bigint, p_rows jsonb) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  r record;
  o record;
  v_at bigint;
  v_ended bigint;
  v_begun bigint;
BEGIN
  FOR r IN SELECT spelling, channel, rank, told, at FROM jsonb_to_recordset(p_rows)
      t(spelling text, channel text, rank smallint, told text, at bigint)
      ORDER BY spelling COLLATE "C", channel COLLATE "C", rank = 0, rank, at LOOP
    v_at := least(r.at, p_now);
    IF r.rank = 0 THEN
      PERFORM move_alias(p_account, r.channel, r.spelling, r.told, v_at, p_earlier);
      CONTINUE;
    END IF;
    SELECT told, told_at INTO o FROM alias
      WHERE account_id = p_account AND spelling = r.spelling AND channel_id = r.channel AND rank = r.rank AND until IS NULL;
    IF NOT FOUND THEN
      -- When whoever had the spelling before had it last, and when it became somebody's who left another number for it.
      SELECT max(a.until) INTO v_ended FROM alias a
        WHERE a.account_id = p_account AND a.spelling = r.spelling AND a.channel_id = r.channel
          AND (a.rank = r.rank OR (a.rank = 0 AND r.rank > 1));
      SELECT max(a.until) INTO v_begun FROM alias a
        WHERE a.account_id = p_account AND a.told = r.spelling AND a.channel_id = r.channel AND a.rank = 0 AND r.rank > 1;
      CONTINUE WHEN v_at <= v_ended OR v_at < v_begun;
      INSERT INTO alias (account_id, spelling, channel_id, rank, since, told, told_at)
        VALUES (p_account, r.spelling, r.channel, r.rank, greatest(v_ended, v_begun, 0), r.told, v_at)
      ON CONFLICT DO NOTHING;
    ELSIF o.told = r.told THEN
      IF o.told_at < v_at - p_retold THEN
        UPDATE alias SET told_at = v_at
          WHERE account_id = p_account AND spelling = r.spelling AND channel_id = r.channel AND rank = r.rank AND until IS NULL;
      END IF;
    ELSIF v_at > o.told_at THEN
      UPDATE alias SET until = v_at
        WHERE account_id = p_account AND spelling = r.spelling AND channel_id = r.channel AND rank = r.rank AND until IS NULL;
      INSERT INTO alias (account_id, spelling, channel_id, rank, since, told, told_at)
        VALUES (p_account, r.spelling, r.channel, r.rank, v_at, r.told, v_at) ON CONFLICT DO NOTHING;
      DELETE FROM alias a WHERE a.account_id = p_account AND a.spelling = r.spelling AND a.channel_id = r.channel AND a.rank = r.rank
        AND a.since < (SELECT e.since FROM alias e WHERE e.account_id = p_account AND e.spelling = r.spelling
          AND e.channel_id = r.channel AND e.rank = r.rank ORDER BY e.since DESC LIMIT 1 OFFSET p_earlier);
    END IF;
  END LOOP;
  RETURN jsonb_array_length(p_rows);
END $$;

-- Messages of the business

-- The lane of messages of a sender to a recipient (toOutboundLane). What is told as another has that one's lane, so that messages to
-- one user are sent in order whatever id each names; but where some wait in the lane of an id on the way, the next ones go there too.
CREATE FUNCTION find_outbound_lane(p_account bigint, p_channel text, p_sender text, p_recipient text) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_id text := p_recipient;
  v_way text[] := ARRAY[p_recipient];
  v_lane bigint;
BEGIN
  LOOP
    v_lane := ('x' || encode(substring(sha256(convert_to('outbound' || E'\n' || p_channel || E'\n' || p_sender || E'\n' || v_id, 'UTF8'))
      FROM 1 FOR 6), 'hex'))::bit(48)::bigint;
    IF (SELECT o.id FROM outbound o WHERE o.account_id = p_account AND o.lane = v_lane AND o.state <= 1 LIMIT 1) IS NOT NULL THEN
      RETURN v_lane;
    END IF;
    SELECT a.told INTO v_id FROM alias a
      WHERE a.account_id = p_account AND a.spelling = v_id AND a.channel_id = p_channel AND a.until IS NULL ORDER BY a.rank LIMIT 1;
    IF NOT FOUND OR v_id = ANY (v_way) OR cardinality(v_way) > 4 THEN
      RETURN v_lane;
    END IF;
    v_way := v_way || v_id;
  END LOOP;
END $$;

-- Rows for add_outbound, those to a recipient who has another id with the lane of that.
CREATE FUNCTION with_lanes(p_account bigint, p_rows jsonb) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM jsonb_to_recordset(p_rows) t(channel text, recipient text)
      CROSS JOIN LATERAL (SELECT 1 FROM alias a WHERE a.account_id = p_account AND a.spelling = t.recipient
        AND a.channel_id = t.channel AND a.until IS NULL LIMIT 1) k) THEN
    RETURN p_rows;
  END IF;
  RETURN (SELECT jsonb_agg(jsonb_set(t.row, '{lane}', to_jsonb(find_outbound_lane(p_account, t.row ->> 'channel', t.row ->> 'sender',
      t.row ->> 'recipient'))) ORDER BY t.n)
    FROM jsonb_array_elements(p_rows) WITH ORDINALITY t(row, n));
END $$;

-- Adds messages to send, each behind those of its lane. Returns their ids in order; that of the first where a task has one already.
CREATE FUNCTION add_outbound(p_account bigint, p_now bigint, p_rows jsonb) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  r record;
  v_known bigint;
  v_ids bigint[] := '{}';
BEGIN
  PERFORM hold_lanes(p_account, ARRAY(SELECT lane FROM jsonb_to_recordset(p_rows) t(lane bigint)));
  IF NOT p_rows @? '$[*].task_key ? (@ != null)' THEN
    INSERT INTO outbound (account_id, id, channel_id, channel_type, sender_id, recipient, lane, state, due_at, leased, attempts, step,
        expires_at, status_rank, group_id, task_id, envelope, place)
      SELECT p_account, t.id, t.channel, t.type, t.sender, t.recipient, t.lane,
        CASE WHEN row_number() OVER (PARTITION BY t.lane ORDER BY t.id) > 1
          OR (SELECT o.id FROM outbound o WHERE o.account_id = p_account AND o.lane = t.lane AND o.state <= 1 LIMIT 1) IS NOT NULL
          THEN 1 ELSE 0 END,
        p_now, 0, 0, 0, t.expires, 0, t."group", t.task, t.envelope, nextval('place_number')
      FROM jsonb_to_recordset(p_rows) t(id bigint, channel text, type text, sender text, recipient text, lane bigint, expires bigint,
        "group" text, task text, envelope text);
    RETURN ARRAY(SELECT (t.row ->> 'id')::bigint FROM jsonb_array_elements(p_rows) WITH ORDINALITY t(row, n) ORDER BY t.n);
  END IF;
  FOR r IN SELECT * FROM jsonb_to_recordset(p_rows) t(id bigint, channel text, type text, sender text, recipient text, lane bigint,
      expires bigint, "group" text, task text, task_key text, envelope text) LOOP
    INSERT INTO outbound (account_id, id, channel_id, channel_type, sender_id, recipient, lane, state, due_at, leased, attempts, step,
        expires_at, status_rank, group_id, task_id, task_key, envelope, place)
      VALUES (p_account, r.id, r.channel, r.type, r.sender, r.recipient, r.lane,
        CASE WHEN EXISTS (SELECT 1 FROM outbound o WHERE o.account_id = p_account AND o.lane = r.lane AND o.state <= 1) THEN 1 ELSE 0 END,
        p_now, 0, 0, 0, r.expires, 0, r."group", r.task, decode(r.task_key, 'hex'), r.envelope, nextval('place_number'))
      ON CONFLICT (account_id, task_key) WHERE task_key IS NOT NULL DO NOTHING RETURNING id INTO v_known;
    IF v_known IS NULL THEN
      SELECT id INTO v_known FROM outbound WHERE account_id = p_account AND task_key = decode(r.task_key, 'hex');
    END IF;
    v_ids := v_ids || v_known;
    v_known := NULL;
  END LOOP;
  RETURN v_ids;
END $$;

-- Lets the next message of a lane to a recipient go. The lane has to be held.
CREATE FUNCTION release_outbound(p_account bigint, p_lane bigint, p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  n record;
BEGIN
  SELECT id, state INTO n FROM outbound WHERE account_id = p_account AND lane = p_lane AND state <= 1 ORDER BY place LIMIT 1;
  IF FOUND AND n.state = 1 THEN
    UPDATE outbound SET state = 0, due_at = greatest(due_at, p_now) WHERE account_id = p_account AND id = n.id;
  END IF;
END $$;

-- Writes what became of claimed messages, and lets the next of each lane go; what was written already by a call whose answer was
-- lost is left alone. Returns the senders concerned.
CREATE FUNCTION settle_outbound(p_account bigint, p_now bigint, p_rows jsonb)
RETURNS TABLE (channel_id text, sender_id text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  r record;
  o record;
  v_open boolean;
BEGIN
  PERFORM hold_lanes(p_account, ARRAY(
    SELECT (SELECT m.lane FROM outbound m WHERE m.account_id = p_account AND m.id = t.id) FROM jsonb_to_recordset(p_rows) t(id bigint)));
  FOR r IN SELECT * FROM jsonb_to_recordset(p_rows) t(id bigint, kind text, due bigint, channel_message text, at bigint, duration int,
      outcome text, code text, text text) LOOP
    SELECT m.* INTO o FROM outbound m WHERE m.account_id = p_account AND m.id = r.id FOR UPDATE;
    CONTINUE WHEN NOT FOUND;
    CONTINUE WHEN r.at IS NOT NULL AND o.leased = 0 AND EXISTS (SELECT 1 FROM send_attempt a WHERE a.account_id = p_account AND a.outbound_id = r.id
      AND a.number = o.attempts AND a.at = r.at AND a.duration_ms = r.duration AND a.outcome = r.outcome);
    IF r.at IS NOT NULL THEN
      INSERT INTO send_attempt (account_id, outbound_id, number, at, duration_ms, outcome, code, text)
        VALUES (p_account, r.id, o.attempts + 1, r.at, r.duration, r.outcome, r.code, r.text) ON CONFLICT DO NOTHING;
      UPDATE outbound SET attempts = attempts + 1 WHERE account_id = p_account AND id = r.id;
    END IF;
    v_open := o.state IN (0, 4);
    IF r.kind = 'step' THEN
      UPDATE outbound SET due_at = r.due, leased = 0, step = step + 1 WHERE account_id = p_account AND id = r.id;
    ELSIF v_open THEN
      UPDATE outbound SET due_at = r.due, leased = 0, channel_message_id = coalesce(r.channel_message, channel_message_id),
          state = CASE r.kind WHEN 'accepted' THEN 2 WHEN 'unknown' THEN 4 ELSE state END
        WHERE account_id = p_account AND id = r.id;
      IF r.kind IN ('accepted', 'unknown') THEN
        PERFORM release_outbound(p_account, o.lane, p_now);
      END IF;
    ELSIF r.kind = 'accepted' AND o.channel_message_id IS NULL THEN
      -- A status was faster than the answer.
      UPDATE outbound SET channel_message_id = r.channel_message WHERE account_id = p_account AND id = r.id;
    END IF;
    RETURN QUERY SELECT o.channel_id, o.sender_id;
  END LOOP;
END $$;

-- Notes the channel's id of messages whose statuses were just recorded, and when they were sent. Those whose status is the answer to
-- the send call itself are settled with it. Their lanes have to be held.
CREATE FUNCTION name_outbound(p_account bigint, p_rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
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

-- Lets an outbound message follow a status of its own: a status says that the channel has taken it, or will not. Its lane has to be held.
CREATE FUNCTION follow_outbound(p_account bigint, p_id bigint, p_status text, p_rank smallint, p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  o record;
BEGIN
  SELECT state, lane, status_rank INTO o FROM outbound WHERE account_id = p_account AND id = p_id FOR UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  IF p_rank > o.status_rank THEN
    UPDATE outbound SET status = p_status, status_rank = p_rank WHERE account_id = p_account AND id = p_id;
  END IF;
  IF o.state IN (2, 3) THEN RETURN; END IF;
  UPDATE outbound SET state = CASE WHEN p_status = 'failed' THEN 3 ELSE 2 END, due_at = NULL, leased = 0
    WHERE account_id = p_account AND id = p_id;
  PERFORM release_outbound(p_account, o.lane, p_now);
END $$;

-- Fallbacks. Triggers keep them in step with their messages, so that no way to a status can forget it; a message without a fallback costs
-- them one look at its envelope. Each writes rows of its own account alone.

-- A fallback without a time of its own (afterMs null) waits for the failure of its message. A message whose envelope cannot be
-- read has none.
CREATE FUNCTION arm_fallback() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT NEW.envelope::jsonb ? 'fallBack' THEN RETURN NULL; END IF;
  INSERT INTO fallback (account_id, outbound_id, state, due_at, attempts)
    VALUES (NEW.account_id, NEW.id, 'armed', NEW.due_at + read_number(NEW.envelope, '{fallBack,afterMs}', 2592000000), 0);
  RETURN NULL;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
  RETURN NULL;
END $$;

CREATE TRIGGER fallback_armed AFTER INSERT ON outbound
  FOR EACH ROW WHEN (position('"fallBack":' IN NEW.envelope) > 0) EXECUTE FUNCTION arm_fallback();

CREATE FUNCTION follow_fallback() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE fallback SET
      state = CASE NEW.status WHEN 'failed' THEN 'firing' ELSE 'dropped' END,
      reason = CASE NEW.status WHEN 'failed' THEN 'failed' END,
      due_at = CASE NEW.status WHEN 'failed' THEN 0 END
    WHERE account_id = NEW.account_id AND outbound_id = NEW.id AND state = 'armed';
  RETURN NULL;
END $$;

CREATE TRIGGER fallback_followed AFTER UPDATE OF status ON outbound
  FOR EACH ROW WHEN (NEW.status IN ('failed', 'delivered', 'read') AND position('"fallBack":' IN NEW.envelope) > 0)
  EXECUTE FUNCTION follow_fallback();

CREATE FUNCTION sweep_fallback() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM fallback_attempt WHERE account_id = OLD.account_id AND outbound_id = OLD.id;
  DELETE FROM fallback WHERE account_id = OLD.account_id AND outbound_id = OLD.id;
  RETURN NULL;
END $$;

CREATE TRIGGER fallback_swept AFTER DELETE ON outbound
  FOR EACH ROW WHEN (position('"fallBack":' IN OLD.envelope) > 0) EXECUTE FUNCTION sweep_fallback();

-- Receipts

-- Records raw events with the receipts, deliveries and queue messages that came of them. What rows share (where they came from,
-- queues, destinations) is named by its place. Returns which receipts are fresh (null: all; the others are repeats), which of
-- those were dropped, and what to wake.
CREATE FUNCTION record_intake(p_account bigint, p_now bigint,
  p_raw_id bigint[], p_raw_channel text[], p_raw_at bigint[], p_raw_packed bigint[], p_raw_body bytea[],
  p_types text[], p_channels text[], p_channel_types text[], p_senders text[], p_sender_types text[],
  p_queues text[], p_destinations bigint[],
  p_id bigint[], p_key bytea[], p_origin bigint[], p_subject bigint[], p_occurred bigint[], p_raw bigint[], p_index bigint[],
  p_facts text[], p_rank bigint[], p_drop bigint[], p_lane bigint[], p_of_subject bigint[], p_matched bigint[],
  p_queue bigint[], p_body text[], p_destination bigint[], p_extras jsonb,
  OUT fresh bigint[], OUT dropped bigint[], OUT queues bigint[], OUT destinations bigint[], OUT made boolean) LANGUAGE plpgsql AS $$
DECLARE
  v_late bigint[];
  v_lone bigint[];
  v_enlist bigint[];
  v_queue_id bigint[];
  v_delay bigint[];
  v_wait bigint[];
  v_message bigint[];
  v_all boolean;
  v_template record;
BEGIN
  -- The lanes of the messages that statuses are about come with those of the deliveries.
  PERFORM hold_lanes(p_account, CASE WHEN p_extras ?| '{outbound,namings}' THEN p_lane || ARRAY(
      SELECT o.lane FROM outbound o WHERE o.account_id = p_account AND o.id = ANY (ARRAY(
        SELECT (s ->> 'outbound')::bigint FROM jsonb_array_elements(
          coalesce(p_extras -> 'outbound', '[]') || coalesce(p_extras -> 'namings', '[]')) s)))
    ELSE p_lane END);
  dropped := '{}';
  queues := '{}';
  destinations := '{}';
  made := false;

  IF cardinality(p_raw_id) > 0 THEN
    INSERT INTO raw_event (account_id, id, channel_id, received_at, packed, body)
      SELECT p_account, r.* FROM unnest(p_raw_id, p_raw_channel, p_raw_at, p_raw_packed, p_raw_body) r;
  END IF;
  IF p_extras ? 'reread' THEN
    DELETE FROM unrouted u USING jsonb_to_recordset(p_extras -> 'reread') r(raw bigint, by text, route text)
      WHERE u.account_id = p_account AND u.raw_event_id = r.raw AND u.route_by = r.by AND u.route_id = r.route;
  END IF;
  IF p_extras ? 'unrouted' THEN
    INSERT INTO unrouted (channel_type, route_by, route_id, raw_event_id, position, account_id, channel_id, received_at)
      SELECT c.type, u.by, u.route, u.raw, u.position, p_account, u.channel, u.at
      FROM jsonb_to_recordset(p_extras -> 'unrouted') u(by text, route text, raw bigint, position int, channel text, at bigint)
      JOIN channel c ON c.id = u.channel
    ON CONFLICT DO NOTHING;
  END IF;
  IF p_extras ? 'namings' THEN
    PERFORM name_outbound(p_account, p_extras -> 'namings');
  END IF;
  IF cardinality(p_id) = 0 THEN RETURN; END IF;

  -- A status is late when one as high was seen before: in the store, or earlier in this very batch. A receipt is alone when
  -- there is no other of its subject; the first one that gets company enters the index of lanes then.
  SELECT array_agg(t.id) FILTER (WHERE t.rank > 0 AND t.rank <= greatest(t.high, t.before)),
      array_agg(t.id) FILTER (WHERE t.rank > 0 AND t.rank <= greatest(t.high, t.before) AND t.late_drop = 1),
      array_agg(t.id) FILTER (WHERE t.stored = 0 AND t.beside = 1),
      array_agg(t.first) FILTER (WHERE t.stored = 1)
    INTO v_late, dropped, v_lone, v_enlist
    FROM (
      SELECT r.id, r.rank, r.late_drop, k.stored, k.first,
        CASE WHEN k.stored < 8 THEN k.high ELSE (SELECT max(o.rank) FROM receipt o WHERE o.account_id = p_account
          AND o.key >= substring(r.key FROM 1 FOR 10) AND o.key <= substring(r.key FROM 1 FOR 10) || '\xffffffffffff'::bytea) END AS high,
        count(*) OVER (PARTITION BY substring(r.key FROM 1 FOR 6)) AS beside,
        max(r.rank) OVER (PARTITION BY substring(r.key FROM 1 FOR 10) ORDER BY r.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
      FROM unnest(p_id, p_key, p_rank, p_drop, p_of_subject) r(id, key, rank, late_drop, of_subject)
      CROSS JOIN LATERAL (
        SELECT count(*) AS stored, min(n.id) AS first, max(n.rank) FILTER (WHERE substring(n.key FROM 1 FOR 10) = substring(r.key FROM 1 FOR 10)) AS high
        FROM (SELECT o.id, o.key, o.rank FROM receipt o WHERE o.account_id = p_account AND o.key >= substring(r.key FROM 1 FOR 6)
          AND o.key <= substring(r.key FROM 1 FOR 6) || '\xffffffffffffffffffff'::bytea LIMIT 8) n) k
      WHERE r.of_subject = 1) t;
  v_late := coalesce(v_late, '{}');
  v_lone := coalesce(v_lone, '{}');
  dropped := coalesce(dropped, '{}');

  IF cardinality(p_queues) > 0 THEN
    -- Receipt queues that are wanted and missing. A repeat makes none.
    IF (SELECT count(*) FROM queue q WHERE q.account_id = p_account AND q.name = ANY (p_queues)) < cardinality(p_queues) THEN
      WITH put AS (
        INSERT INTO queue (account_id, name, attributes, created_at, modified_at)
          SELECT DISTINCT p_account, p_queues[r.queue], p_extras ->> 'queue', p_now, p_now
          FROM unnest(p_id, p_key, p_queue) r(id, key, queue)
          WHERE r.queue IS NOT NULL AND NOT r.id = ANY (dropped)
            AND (SELECT o.id FROM receipt o WHERE o.account_id = p_account AND o.key = r.key) IS NULL
        ON CONFLICT (account_id, name) DO NOTHING RETURNING id)
      SELECT count(*) > 0 INTO made FROM put;
    END IF;
    SELECT array_agg(o.id ORDER BY n.place), array_agg(coalesce(o.delay_ms, 0) ORDER BY n.place)
      INTO v_queue_id, v_delay
      FROM unnest(p_queues) WITH ORDINALITY n(name, place)
      LEFT JOIN LATERAL (SELECT q.id, q.delay_ms FROM queue q WHERE q.account_id = p_account AND q.name = n.name OFFSET 0) o ON true;
  END IF;
  IF cardinality(p_destinations) > 0 THEN
    SELECT array_agg(o.first_wait_ms ORDER BY n.place) FILTER (WHERE o.id IS NOT NULL)
      INTO v_wait
      FROM unnest(p_destinations) WITH ORDINALITY n(id, place)
      LEFT JOIN LATERAL (SELECT d.id, d.first_wait_ms FROM destination d WHERE d.account_id = p_account AND d.id = n.id OFFSET 0) o ON true;
    IF v_wait IS NULL OR cardinality(v_wait) < cardinality(p_destinations) THEN
      RAISE EXCEPTION 'A destination is not there.';
    END IF;
  END IF;

  WITH put AS (
    INSERT INTO receipt (account_id, id, key, type, channel_id, channel_type, sender_id, sender_type, subject, occurred_at, recorded_at,
        raw_event_id, raw_index, superseded, unmatched, rank, facts, queue_id, queue_message_id)
      SELECT p_account, r.id, r.key, p_types[r.origin], p_channels[r.origin], p_channel_types[r.origin], p_senders[r.origin],
        p_sender_types[r.origin], r.subject, r.occurred, p_now, r.raw, r.index, CASE WHEN r.id = ANY (v_late) THEN 1 ELSE 0 END,
        CASE WHEN r.matched = 0 AND p_types[r.origin] = 'ChatAppStatus' THEN 1 ELSE 0 END, r.rank, r.facts,
        CASE WHEN NOT r.id = ANY (dropped) THEN v_queue_id[r.queue] END,
        CASE WHEN NOT r.id = ANY (dropped) AND v_queue_id[r.queue] IS NOT NULL THEN nextval('place_number') END
      FROM unnest(p_id, p_key, p_origin, p_subject, p_occurred, p_raw, p_index, p_facts, p_rank, p_matched, p_queue)
        r(id, key, origin, subject, occurred, raw, index, facts, rank, matched, queue)
    ON CONFLICT (account_id, key) DO NOTHING RETURNING id, queue_message_id)
  SELECT array_agg(id), array_agg(queue_message_id) INTO fresh, v_message FROM put;
  v_all := cardinality(fresh) = cardinality(p_id);
  fresh := coalesce(fresh, '{}');
  IF cardinality(fresh) = 0 THEN
    dropped := '{}';
    RETURN;
  END IF;

  IF v_queue_id IS NOT NULL THEN
    WITH put AS (
      INSERT INTO message (account_id, id, queue_id, state, priority, visible_at, dequeue_count, enqueued_at, receipt_id, body)
        SELECT p_account, CASE WHEN v_all THEN r.message ELSE v_message[array_position(fresh, r.id)] END, v_queue_id[r.queue], CASE WHEN v_delay[r.queue] > 0 THEN 1 ELSE 0 END, 8,
          p_now + v_delay[r.queue], 0, p_now, r.id, r.body
        FROM unnest(p_id, p_queue, v_message, p_body) r(id, queue, message, body)
        WHERE v_queue_id[r.queue] IS NOT NULL AND (v_all OR r.id = ANY (fresh)) AND NOT r.id = ANY (dropped)
      RETURNING queue_id, state),
    counted AS (
      INSERT INTO queue_tally (account_id, queue_id, active, inactive, delayed)
        SELECT p_account, queue_id, count(*) FILTER (WHERE state = 0), 0, count(*) FILTER (WHERE state = 1) FROM put GROUP BY queue_id
      RETURNING queue_id)
    SELECT coalesce(array_agg(queue_id), '{}') INTO queues FROM counted;
  END IF;

  IF p_extras ? 'contents' THEN
    INSERT INTO content (account_id, receipt_id, body)
      SELECT p_account, r.id, r.body FROM jsonb_to_recordset(p_extras -> 'contents') r(id bigint, body text) WHERE v_all OR r.id = ANY (fresh);
  END IF;
  IF p_extras ? 'media' THEN
    INSERT INTO media (account_id, id, receipt_id, channel_id, sender_id, channel_media_id, mime_type, file_name, sha256, state, reason,
        attempts, due_at, created_at)
      SELECT p_account, decode(r.media, 'hex'), r.id, r.channel, r.sender, r.channel_media, r.mime_type, r.file_name, r.sha256,
        'pending', '', 0, p_now, p_now
      FROM jsonb_to_recordset(p_extras -> 'media') r(id bigint, media text, channel text, sender text, channel_media text,
        mime_type text, file_name text, sha256 text)
      WHERE r.id = ANY (fresh)
    ON CONFLICT DO NOTHING;
  END IF;
  IF p_extras ? 'outbound' THEN
    PERFORM follow_outbound(p_account, r.outbound, r.status, r.rank, p_now)
      FROM jsonb_to_recordset(p_extras -> 'outbound') r(id bigint, outbound bigint, status text, rank smallint)
      WHERE r.id = ANY (fresh);
  END IF;
  IF p_extras ? 'templates' THEN
    FOR v_template IN SELECT r.* FROM jsonb_to_recordset(p_extras -> 'templates') r(id bigint, channel text, code text, language text,
        status text, reason text, quality text, category text) WHERE r.id = ANY (fresh) ORDER BY r.id LOOP
      UPDATE template t SET status = coalesce(v_template.status, t.status), reason = coalesce(v_template.reason, t.reason),
          quality = coalesce(v_template.quality, t.quality), category = coalesce(v_template.category, t.category),
          review_at = CASE WHEN coalesce(v_template.status, t.status) = 'auditing' THEN t.review_at END, updated_at = p_now
        WHERE t.account_id = p_account AND t.channel_id = v_template.channel AND t.code = v_template.code
          AND t.language = v_template.language;
    END LOOP;
    made := true;
  END IF;

  IF v_enlist IS NOT NULL THEN
    UPDATE delivery SET laned = 1 WHERE account_id = p_account AND id = ANY (v_enlist) AND state + 0 <= 1 AND laned = 0;
  END IF;
  IF v_wait IS NOT NULL THEN
    WITH put AS (
      INSERT INTO delivery (account_id, id, destination_id, lane, laned, place, state, due_at, attempts, round_start)
        SELECT p_account, r.id, p_destinations[r.destination], r.lane, CASE WHEN r.id = ANY (v_lone) THEN 0 ELSE 1 END, nextval('place_number'),
          CASE WHEN r.id = ANY (v_lone) THEN 0
            WHEN row_number() OVER (PARTITION BY r.destination, r.lane ORDER BY r.id) > 1
              OR (SELECT o.id FROM delivery o WHERE o.account_id = p_account AND o.destination_id = p_destinations[r.destination]
                AND o.lane = r.lane AND o.state <= 1 AND o.laned = 1 LIMIT 1) IS NOT NULL
            THEN 1 ELSE 0 END,
          p_now + v_wait[r.destination], 0, 0
        FROM unnest(p_id, p_destination, p_lane) r(id, destination, lane)
        WHERE r.destination IS NOT NULL AND (v_all OR r.id = ANY (fresh)) AND NOT r.id = ANY (dropped)
      RETURNING destination_id, state)
    SELECT coalesce(array_agg(DISTINCT destination_id), '{}') INTO destinations FROM put WHERE state = 0;
  END IF;

  IF v_all THEN fresh := NULL; END IF;
END $$;

-- Does what intake does, with an event and a status of no account, and takes it back: fails as intake would.
CREATE FUNCTION probe_intake(p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  BEGIN
    PERFORM record_intake(0, p_now, ARRAY[p_now], ARRAY['probe'], ARRAY[p_now], ARRAY[0], ARRAY['\x00'::bytea],
      ARRAY['ChatAppStatus'], ARRAY['probe'], ARRAY['sandbox'], ARRAY['probe'], ARRAY['whatsapp'], '{}', '{}',
      ARRAY[p_now], ARRAY['\x00000000000000000000000000000000'::bytea], ARRAY[1], ARRAY[NULL]::bigint[], ARRAY[p_now], ARRAY[p_now], ARRAY[0],
      ARRAY['{}'], ARRAY[1], ARRAY[0], ARRAY[0], ARRAY[1], ARRAY[1],
      ARRAY[NULL]::bigint[], ARRAY[NULL]::text[], ARRAY[NULL]::bigint[], '{}');
    RAISE EXCEPTION USING ERRCODE = 'CHQ01';
  EXCEPTION WHEN SQLSTATE 'CHQ01' THEN NULL;
  END;
  INSERT INTO meta (key, value) VALUES ('probed', convert_to(p_now::text, 'UTF8')) ON CONFLICT (key) DO UPDATE SET value = excluded.value;
END $$;

-- Keeps what was said of some raw events, and nothing any more of those that were read again.
CREATE FUNCTION keep_remarked(p_account bigint, p_read bigint[], p_rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM remarked WHERE raw_event_id = ANY (p_read) AND account_id = p_account;
  INSERT INTO remarked (raw_event_id, account_id, channel_id, received_at, from_user, reader, remarks)
    SELECT raw, p_account, channel, at, from_user, reader, remarks
      FROM jsonb_to_recordset(p_rows) r(raw bigint, channel text, at bigint, from_user smallint, reader text, remarks text)
  ON CONFLICT (account_id, raw_event_id) DO UPDATE SET from_user = excluded.from_user, reader = excluded.reader, remarks = excluded.remarks;
END $$;

-- Deliveries

CREATE FUNCTION note_destination() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.first_wait_ms := coalesce(read_number(NEW.settings, '{scheduleMs,0}', 2592000000), NEW.first_wait_ms);
  RETURN NEW;
END $$;

CREATE TRIGGER destination_noted BEFORE INSERT OR UPDATE OF settings ON destination
  FOR EACH ROW EXECUTE FUNCTION note_destination();

-- Gives a destination to a node for so many milliseconds from p_now, the time that all nodes share, unless another has it. A hold
-- that lies further ahead than holds last was written by a clock that is no more: it is cut to that length, so that its holder, if
-- it lives, renews it, and is replaced soon if not. A node whose time was set a moment ago takes nothing from others (p_sure 0):
-- what looks lapsed to it may not be. Returns whether it is the node's now, how long another's hold still lasts, and, if the one
-- before never gave it up, the newest delivery that it may have had in hand.
CREATE FUNCTION hold_destination(p_account bigint, p_destination bigint, p_holder text, p_now bigint, p_ms bigint, p_sure smallint,
  OUT mine boolean, OUT rest bigint, OUT suspect bigint) LANGUAGE plpgsql AS $$
DECLARE
  h record;
BEGIN
  INSERT INTO destination_hold (account_id, destination_id, holder, until) VALUES (p_account, p_destination, '', 0)
    ON CONFLICT DO NOTHING;
  SELECT holder, until INTO h FROM destination_hold WHERE account_id = p_account AND destination_id = p_destination FOR UPDATE;
  IF h.holder NOT IN ('', p_holder) AND h.until > p_now + 2 * p_ms THEN
    h.until := p_now + p_ms;
    UPDATE destination_hold SET until = h.until WHERE account_id = p_account AND destination_id = p_destination;
  END IF;
  mine := h.holder IN ('', p_holder) OR h.until < p_now AND p_sure = 1;
  rest := greatest(h.until - p_now, 0);
  IF NOT mine THEN RETURN; END IF;
  IF h.holder NOT IN ('', p_holder) THEN
    suspect := coalesce((SELECT id FROM delivery WHERE account_id = p_account ORDER BY id DESC LIMIT 1), 0);
  END IF;
  UPDATE destination_hold SET holder = p_holder, until = p_now + p_ms WHERE account_id = p_account AND destination_id = p_destination;
END $$;

-- Writes what became of claimed deliveries, and lets the next of each lane go. One that is over already is left alone, and so is
-- one whose last attempt is this very one: a call whose answer was lost may be made again. p_attempts are how many each had when it
-- was claimed; p_batch names another batch for one that is tried again, and p_spared is 1 where the try that has ended uses up none of
-- the schedule. Returns the destinations for which something was let go.
CREATE FUNCTION settle_deliveries(p_account bigint, p_now bigint, p_id bigint[], p_lane bigint[], p_state bigint[],
  p_due bigint[], p_cause text[], p_at bigint[], p_duration bigint[], p_status bigint[], p_outcome text[],
  p_answer text[], p_attempts bigint[], p_batch bigint[], p_spared bigint[]) RETURNS bigint[] LANGUAGE plpgsql SET enable_hashjoin = on SET enable_nestloop = off AS $$
DECLARE
  v_over_destination bigint[];
  v_over_lane bigint[];
  v_next bigint[];
  v_freed bigint[] := '{}';
BEGIN
  PERFORM hold_lanes(p_account, p_lane);
  IF EXISTS (SELECT 1 FROM unnest(p_attempts) attempts WHERE attempts > 0) THEN
    INSERT INTO attempt (account_id, delivery_id, number, at, duration_ms, status, outcome, answer)
      SELECT p_account, d.id, d.attempts, d.at, d.duration_ms, d.status, d.outcome, d.answer
      FROM delivery d JOIN unnest(p_id, p_at, p_duration, p_attempts) s(id, at, duration, attempts) ON s.id = d.id AND s.attempts > 0
      WHERE d.account_id = p_account AND d.id = ANY (p_id) AND d.state + 0 <= 1 AND d.outcome IS NOT NULL
        AND NOT (d.attempts > s.attempts AND d.at = s.at AND d.duration_ms = s.duration)
    ON CONFLICT DO NOTHING;
  END IF;
  WITH settled AS (
    UPDATE delivery d SET state = s.state, due_at = coalesce(s.due, p_now), attempts = d.attempts + 1, cause = s.cause,
        batch = CASE WHEN s.state = 0 THEN coalesce(s.batch, d.batch) END, round_start = d.round_start + s.spared,
        at = s.at, duration_ms = s.duration, status = s.status, outcome = s.outcome, answer = s.answer
      FROM unnest(p_id, p_state, p_due, p_cause, p_at, p_duration, p_status, p_outcome, p_answer, p_batch, p_spared, p_attempts)
        s(id, state, due, cause, at, duration, status, outcome, answer, batch, spared, attempts)
      WHERE d.account_id = p_account AND d.id = ANY (p_id) AND d.id = s.id AND d.state + 0 <= 1
        AND NOT (d.attempts > s.attempts AND d.at IS NOT NULL AND d.at = s.at AND d.duration_ms = s.duration)
      RETURNING d.destination_id, d.lane, d.laned, d.state)
  SELECT array_agg(destination_id), array_agg(lane) INTO v_over_destination, v_over_lane FROM settled WHERE laned = 1 AND state >= 2;
  IF v_over_lane IS NULL THEN RETURN v_freed; END IF;
  v_next := ARRAY(
    SELECT n.id FROM (SELECT DISTINCT destination, lane FROM unnest(v_over_destination, v_over_lane) s(destination, lane)) s
      CROSS JOIN LATERAL (SELECT o.id, o.state FROM delivery o WHERE o.account_id = p_account AND o.destination_id = s.destination
        AND o.lane = s.lane AND o.state <= 1 AND o.laned = 1 ORDER BY o.place LIMIT 1) n
      WHERE n.state = 1);
  IF cardinality(v_next) > 0 THEN
    WITH let AS (
      UPDATE delivery SET state = 0, due_at = greatest(due_at, p_now)
        WHERE account_id = p_account AND id = ANY (v_next) RETURNING destination_id)
    SELECT array_agg(DISTINCT destination_id) INTO v_freed FROM let;
  END IF;
  RETURN v_freed;
END $$;

-- Makes deliveries that are over due again, each at the end of its lane. The lanes have to be held. Returns how many.
CREATE FUNCTION replay_deliveries(p_account bigint, p_now bigint, p_rows jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  r record;
  v_count bigint := 0;
  v_changed bigint;
BEGIN
  FOR r IN SELECT * FROM jsonb_to_recordset(p_rows) t(id bigint, destination bigint, lane bigint) LOOP
    UPDATE delivery SET
        state = CASE WHEN (SELECT o.id FROM delivery o WHERE o.account_id = p_account AND o.destination_id = r.destination
          AND o.lane = r.lane AND o.state <= 1 AND o.laned = 1 LIMIT 1) IS NULL THEN 0 ELSE 1 END,
        laned = 1, due_at = p_now, place = nextval('place_number'), round_start = attempts, cause = 'replay', batch = NULL
      WHERE account_id = p_account AND id = r.id AND state >= 2;
    GET DIAGNOSTICS v_changed = ROW_COUNT;
    v_count := v_count + v_changed;
  END LOOP;
  RETURN v_count;
END $$;

-- Lets the first delivery of each of these lanes go, unless settings do not want it; any other that waits stands behind it again.
-- The lanes have to be held. Returns the destinations for which something was let go.
CREATE FUNCTION order_lanes(p_account bigint, p_now bigint, p_destination bigint[], p_lane bigint[]) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  l record;
  f record;
  v_freed bigint[] := '{}';
BEGIN
  FOR l IN SELECT DISTINCT destination, lane FROM unnest(p_destination, p_lane) t(destination, lane) ORDER BY 1, 2 LOOP
    SELECT d.id, d.state INTO f FROM delivery d WHERE d.account_id = p_account AND d.destination_id = l.destination
      AND d.lane = l.lane AND d.state <= 1 AND d.laned = 1 ORDER BY d.place LIMIT 1;
    CONTINUE WHEN NOT FOUND;
    UPDATE delivery SET state = 1 WHERE account_id = p_account AND destination_id = l.destination AND lane = l.lane
      AND state <= 1 AND laned = 1 AND state = 0 AND id <> f.id;
    CONTINUE WHEN f.state = 0 OR EXISTS (SELECT 1 FROM unwanted u WHERE u.account_id = p_account AND u.delivery_id = f.id);
    UPDATE delivery SET state = 0, due_at = greatest(due_at, p_now) WHERE account_id = p_account AND id = f.id;
    v_freed := v_freed || l.destination;
  END LOOP;
  RETURN v_freed;
END $$;

-- Queues

CREATE FUNCTION note_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.delay_ms := coalesce(1000 * read_number(NEW.attributes, '{delaySeconds}', 604800), NEW.delay_ms);
  NEW.visibility_ms := coalesce(1000 * read_number(NEW.attributes, '{visibilitySeconds}', 43200), NEW.visibility_ms);
  NEW.retention_ms := coalesce(1000 * read_number(NEW.attributes, '{retentionSeconds}', 1296000), NEW.retention_ms);
  RETURN NEW;
END $$;

CREATE TRIGGER queue_noted BEFORE INSERT OR UPDATE OF attributes ON queue FOR EACH ROW EXECUTE FUNCTION note_queue();

-- Adds messages to queues, which rows name by their place. Returns the messages' ids, null for what was meant for a queue that is
-- not there and is not kept, and the queues that are.
CREATE FUNCTION send_messages(p_account bigint, p_queues bigint[], p_queue bigint[], p_priority bigint[], p_at bigint[],
  p_delay bigint[], p_extras text[], p_body text[], OUT ids bigint[], OUT queues bigint[]) LANGUAGE plpgsql AS $$
DECLARE
  v_there bigint[];
  v_delay bigint[];
BEGIN
  SELECT array_agg(o.id ORDER BY n.place), array_agg(o.delay ORDER BY n.place) INTO v_there, v_delay
    FROM unnest(p_queues) WITH ORDINALITY n(id, place)
    LEFT JOIN LATERAL (SELECT q.id, q.delay_ms AS delay FROM queue q
      WHERE q.account_id = p_account AND q.id = n.id OFFSET 0) o ON true;
  ids := ARRAY(SELECT CASE WHEN v_there[queue] IS NOT NULL THEN nextval('place_number') END FROM unnest(p_queue) queue);
  WITH put AS (
    INSERT INTO message (account_id, id, queue_id, state, priority, visible_at, dequeue_count, enqueued_at, extras, body)
      SELECT p_account, m.id, v_there[m.queue], CASE WHEN coalesce(m.delay, v_delay[m.queue]) > 0 THEN 1 ELSE 0 END, m.priority,
        m.at + coalesce(m.delay, v_delay[m.queue]), 0, m.at, m.extras, m.body
      FROM unnest(ids, p_queue, p_priority, p_at, p_delay, p_extras, p_body) m(id, queue, priority, at, delay, extras, body)
      WHERE m.id IS NOT NULL
    RETURNING queue_id, state)
  INSERT INTO queue_tally (account_id, queue_id, active, inactive, delayed)
    SELECT p_account, queue_id, count(*) FILTER (WHERE state = 0), 0, count(*) FILTER (WHERE state = 1) FROM put GROUP BY queue_id;
  queues := array_remove(v_there, NULL);
END $$;

-- Makes ready what has come due, oldest first, at most 256. Returns whether there was any.
CREATE FUNCTION promote_messages(p_account bigint, p_queue bigint, p_now bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  v_delayed bigint;
  v_all bigint;
BEGIN
  WITH due AS MATERIALIZED (
    SELECT id FROM message WHERE account_id = p_account AND queue_id = p_queue AND state = 1 AND visible_at <= p_now
    ORDER BY visible_at, id LIMIT 256 FOR UPDATE SKIP LOCKED),
  moved AS (
    UPDATE message m SET state = 0 FROM due WHERE m.account_id = p_account AND m.id = due.id RETURNING m.dequeue_count)
  SELECT count(*) FILTER (WHERE dequeue_count = 0), count(*) INTO v_delayed, v_all FROM moved;
  IF v_all = 0 THEN RETURN false; END IF;
  INSERT INTO queue_tally (account_id, queue_id, active, inactive, delayed)
    VALUES (p_account, p_queue, v_all, v_delayed - v_all, -v_delayed);
  RETURN true;
END $$;

-- Takes expired messages away and leaves a trace of those that carried receipts.
CREATE FUNCTION expire_messages(p_account bigint, p_queue bigint, p_ids bigint[], p_now bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_count bigint;
BEGIN
  WITH gone AS (
    DELETE FROM message WHERE account_id = p_account AND id = ANY (p_ids) RETURNING receipt_id, dequeue_count),
  traced AS (
    INSERT INTO queue_trace (account_id, receipt_id, outcome, dequeue_count, at)
      SELECT p_account, receipt_id, 'expired', dequeue_count, p_now FROM gone WHERE receipt_id IS NOT NULL
    ON CONFLICT DO NOTHING)
  SELECT count(*) INTO v_count FROM gone;
  INSERT INTO queue_tally (account_id, queue_id, active, inactive, delayed) VALUES (p_account, p_queue, -v_count, 0, 0);
  RETURN v_count;
END $$;

-- Holds up to p_limit ready messages for the queue's visibility, highest priority first, then oldest. From (p_priority, p_from)
-- on, because what stands before may be known to be taken. Expired ones in the way go, at most 1,000; if that was not all, a
-- row of id 0 says so. p_expiry is the time up to which messages are looked at for their age: while a clock may be wrong, nothing
-- more expires.
CREATE FUNCTION receive_messages(p_account bigint, p_queue bigint, p_now bigint, p_limit int, p_priority smallint, p_from bigint, p_expiry bigint)
RETURNS TABLE (id bigint, priority smallint, dequeue_count int, first_dequeued_at bigint, visible_at bigint, enqueued_at bigint,
  extras text, body text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_visible bigint;
  v_expired bigint;
  v_priority smallint := p_priority;
  v_from bigint := p_from;
  v_old bigint[];
  v_live bigint[];
  v_got int := 0;
  v_discarded int := 0;
BEGIN
  SELECT p_now + q.visibility_ms, least(p_now, p_expiry) - q.retention_ms INTO v_visible, v_expired
    FROM queue q WHERE q.id = p_queue AND q.account_id = p_account;
  IF NOT FOUND THEN RETURN; END IF;
  IF promote_messages(p_account, p_queue, p_now) THEN
    v_priority := 0;
    v_from := 0;
  END IF;
  LOOP
    WITH head AS MATERIALIZED (
      SELECT m.id, m.enqueued_at FROM message m
      WHERE m.account_id = p_account AND m.queue_id = p_queue AND m.state = 0 AND (m.priority, m.id) >= (v_priority, v_from)
      ORDER BY m.priority, m.id LIMIT p_limit - v_got FOR UPDATE SKIP LOCKED)
    SELECT array_agg(head.id) FILTER (WHERE head.enqueued_at <= v_expired), array_agg(head.id) FILTER (WHERE head.enqueued_at > v_expired)
      INTO v_old, v_live FROM head;
    IF v_live IS NOT NULL THEN
      RETURN QUERY UPDATE message m SET state = 1, visible_at = v_visible, dequeue_count = m.dequeue_count + 1,
          first_dequeued_at = coalesce(m.first_dequeued_at, p_now)
        WHERE m.account_id = p_account AND m.id = ANY (v_live)
        RETURNING m.id, m.priority, m.dequeue_count, m.first_dequeued_at, m.visible_at, m.enqueued_at, m.extras, m.body;
      v_got := v_got + cardinality(v_live);
    END IF;
    EXIT WHEN v_old IS NULL;
    v_discarded := v_discarded + cardinality(v_old);
    PERFORM expire_messages(p_account, p_queue, v_old, p_now);
    EXIT WHEN v_got >= p_limit;
    IF v_discarded >= 1000 THEN
      RETURN QUERY SELECT 0::bigint, 0::smallint, 0, NULL::bigint, 0::bigint, 0::bigint, NULL::text, ''::text;
      EXIT;
    END IF;
  END LOOP;
  IF v_got > 0 THEN
    INSERT INTO queue_tally (account_id, queue_id, active, inactive, delayed) VALUES (p_account, p_queue, -v_got, v_got, 0);
  END IF;
END $$;

-- Deletes what the handles name, if they are good: still held, by that very receive. Returns the ids that went.
CREATE FUNCTION delete_messages(p_account bigint, p_now bigint, p_queue bigint[], p_id bigint[], p_count bigint[])
RETURNS bigint[] LANGUAGE plpgsql SET enable_hashjoin = on SET enable_nestloop = off AS $$
DECLARE
  v_gone bigint[];
BEGIN
  WITH gone AS (
    DELETE FROM message m USING unnest(p_queue, p_id, p_count) h(queue, id, count)
    WHERE m.account_id = p_account AND m.id = ANY (p_id) AND m.id = h.id AND m.queue_id = h.queue AND m.state + 0 = 1
      AND m.dequeue_count = h.count AND m.visible_at > p_now
    RETURNING m.id, m.queue_id, m.dequeue_count, m.receipt_id),
  traced AS (
    INSERT INTO queue_trace (account_id, receipt_id, outcome, dequeue_count, at)
      SELECT p_account, receipt_id, 'deleted', dequeue_count, p_now FROM gone WHERE receipt_id IS NOT NULL
    ON CONFLICT DO NOTHING),
  counted AS (
    INSERT INTO queue_tally (account_id, queue_id, active, inactive, delayed)
      SELECT p_account, queue_id, 0, -count(*) FILTER (WHERE dequeue_count > 0), -count(*) FILTER (WHERE dequeue_count = 0)
      FROM gone GROUP BY queue_id)
  SELECT array_agg(id) INTO v_gone FROM gone;
  RETURN coalesce(v_gone, '{}');
END $$;
