-- The embedded store, by subject: accounts, channels, receipts, media, deliveries, messages of the business, fallbacks, templates, queues,
-- upkeep. docs/architecture.md says what an account, a lane and the rest are.
--
-- Ids of receipts, raw events, deliveries, messages, notices and changes grow with time (src/domain/ids.ts makes and reads them). account_id
-- leads every key that can be led, so that a statement touches one account. Times are milliseconds since 1970, flags are 0 or 1, and what is
-- sealed is so by the master key.

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Accounts: who may call, and who may sign in

CREATE TABLE account (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  first INTEGER NOT NULL DEFAULT 0, -- 1: made at the first start; its owners make the others
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE access_key (
  id TEXT PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account,
  name TEXT NOT NULL DEFAULT '',
  secret BLOB NOT NULL, -- sealed
  state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
  role TEXT NOT NULL DEFAULT 'full',
  addresses TEXT NOT NULL DEFAULT '[]', -- JSON; from where it may be used, from anywhere when empty
  created_at INTEGER NOT NULL,
  used_at INTEGER
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

-- Signature nonces that have been used.
CREATE TABLE nonce (
  key_id TEXT NOT NULL,
  nonce TEXT NOT NULL,
  used_at INTEGER NOT NULL,
  PRIMARY KEY (key_id, nonce)
) STRICT, WITHOUT ROWID;

CREATE INDEX nonce_used ON nonce (used_at);

CREATE TABLE console_user (
  account_id INTEGER NOT NULL REFERENCES account,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'owner')),
  state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
  password TEXT NOT NULL, -- a hash with its parameters
  totp_secret BLOB, -- sealed; null when no app is set up
  totp_active INTEGER NOT NULL, -- 0: the app has not proved itself yet
  totp_step INTEGER NOT NULL, -- time step of the last code that was used
  created_at INTEGER NOT NULL,
  signed_in_at INTEGER,
  PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX console_user_name ON console_user (account_id, name);

CREATE TABLE session (
  account_id INTEGER NOT NULL,
  hash BLOB NOT NULL, -- SHA-256 of the token, which is kept nowhere
  user_id TEXT, -- this or key_id
  key_id TEXT,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL, -- when it ends unless it is used before
  ends_at INTEGER NOT NULL, -- when it ends however much it is used
  PRIMARY KEY (account_id, hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX session_expiry ON session (expires_at);
CREATE INDEX session_of_user ON session (account_id, user_id, created_at) WHERE user_id IS NOT NULL;
CREATE INDEX session_of_key ON session (account_id, key_id, created_at) WHERE key_id IS NOT NULL;

-- Who changed what.
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
-- Refused sign-ins go once their time is over, and are found without a walk over the rest, which stays.
CREATE INDEX change_refused ON change (id) WHERE action = 'session.refused';

-- Channels, their senders, and whom senders wrote to

CREATE TABLE channel (
  id TEXT PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  waba_id TEXT,
  credentials BLOB NOT NULL, -- sealed JSON
  options TEXT NOT NULL DEFAULT '{}', -- JSON; how it is to work, no secrets
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
  -- Whether the business has proven to the channel that a number is its own; unknown until the channel told.
  verification TEXT NOT NULL DEFAULT 'unknown',
  webhook TEXT NOT NULL, -- JSON of SenderWebhook
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX sender_id ON sender (channel_id, id);
-- Every account's sandbox plays the same senders, so those are told apart by their channel alone.
CREATE UNIQUE INDEX sender_route ON sender (channel_type, route_id) WHERE channel_type <> 'sandbox';

-- Senders that were deleted, with where their receipts went, until the messages that waited for them are closed.
CREATE TABLE removed_sender (
  account_id INTEGER NOT NULL,
  channel_id TEXT NOT NULL,
  id TEXT NOT NULL,
  channel_type TEXT NOT NULL,
  waba_id TEXT,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  route_id TEXT NOT NULL,
  webhook TEXT NOT NULL, -- JSON of SenderWebhook
  removed_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL, -- when its messages are looked at next
  PRIMARY KEY (account_id, channel_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX removed_sender_due ON removed_sender (due_at);

-- That a channel told of a user under another id than the one that was written to or is told beside it: `told` is what the spelling is told
-- as, `rank` what that is (0: the number that was taken in its stead, at `until`; 1: a number; 2: a user; 3: what links users' ids). Who had
-- the spelling before has it until then.
CREATE TABLE alias (
  account_id INTEGER NOT NULL,
  spelling TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  rank INTEGER NOT NULL,
  since INTEGER NOT NULL, -- 0 where nobody is known to have had it before
  told TEXT NOT NULL,
  until INTEGER, -- null while nobody else has it
  told_at INTEGER NOT NULL, -- within a day
  PRIMARY KEY (account_id, spelling, channel_id, rank, since)
) STRICT, WITHOUT ROWID;

CREATE INDEX alias_told ON alias (account_id, told, channel_id);
CREATE INDEX alias_age ON alias (told_at);

-- Receipts, and the posts of channels that they came of

CREATE TABLE raw_event (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  channel_id TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  packed INTEGER NOT NULL, -- 1: raw deflate
  body BLOB NOT NULL
) STRICT;

-- Raw events of which something gave no receipt, with what was said of it, found by whoever looks for it and by a version that reads more.
CREATE TABLE remarked (
  raw_event_id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  channel_id TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  from_user INTEGER NOT NULL, -- 1: may hold a message of a user
  reader TEXT NOT NULL, -- the version of the readers that made nothing more of it
  remarks TEXT NOT NULL -- JSON
) STRICT;

CREATE INDEX remarked_account ON remarked (account_id, raw_event_id);
CREATE INDEX remarked_reader ON remarked (reader, raw_event_id);

-- Parts of raw events that belong to nobody yet.
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
CREATE INDEX unrouted_age ON unrouted (raw_event_id);

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

-- Media: what users sent, and what businesses uploaded. The bytes of both are files beside this one, or in a bucket.

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

-- They are fetched in turn, account by account and channel by channel: the first of each is found without those behind it.
CREATE INDEX media_due ON media (due_at) WHERE state = 'pending';
CREATE INDEX media_account_due ON media (account_id, due_at) WHERE state = 'pending';
CREATE INDEX media_channel_due ON media (account_id, channel_id, due_at) WHERE state = 'pending';
-- What sweeps look for, so that they need not walk over all that is to stay.
CREATE INDEX media_stored ON media (created_at, bytes) WHERE state = 'stored';
CREATE INDEX media_over ON media (created_at) WHERE state IN ('gone', 'erased');

-- Files that a business uploaded, to be named in its templates and messages.
CREATE TABLE upload (
  account_id INTEGER NOT NULL,
  id BLOB NOT NULL,
  channel_id TEXT NOT NULL,
  key TEXT NOT NULL,
  mime_type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX upload_age ON upload (created_at, bytes);

-- Deliveries over HTTP

CREATE TABLE destination (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account,
  name TEXT NOT NULL DEFAULT '',
  url TEXT NOT NULL,
  settings TEXT NOT NULL, -- JSON of DestinationSettings
  state TEXT NOT NULL CHECK (state IN ('active', 'opened', 'off')),
  state_reason TEXT NOT NULL,
  state_since INTEGER NOT NULL,
  secrets BLOB NOT NULL, -- sealed JSON of DestinationSecret[]
  created_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX destination_url ON destination (account_id, url);

-- Destinations that were removed, for as long as a delivery tells of them.
CREATE TABLE removed_destination (
  account_id INTEGER NOT NULL,
  id INTEGER NOT NULL,
  url TEXT NOT NULL,
  removed_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

-- Until when a destination is left alone because its receiver said that it is too much. Apart from the destination, so that writing
-- it down waits for nobody who reads that one; a row whose time is over says nothing.
CREATE TABLE destination_pause (
  account_id INTEGER NOT NULL,
  destination_id INTEGER NOT NULL,
  until INTEGER NOT NULL,
  status INTEGER NOT NULL, -- what the receiver answered
  asked_ms INTEGER, -- the wait that it named; null when it named none
  PRIMARY KEY (account_id, destination_id)
) STRICT, WITHOUT ROWID;

-- state: 0 waiting, 1 blocked behind another of its lane or unwanted, 2 done, 3 dead. Of one lane at most one is waiting, so what is
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
-- By age, without a look at the many that are done; of one destination without those of others.
CREATE INDEX delivery_open ON delivery (account_id, id) WHERE state <= 1;
CREATE INDEX delivery_dead ON delivery (account_id, id) WHERE state = 3;
CREATE INDEX delivery_dead_of ON delivery (account_id, destination_id, id) WHERE state = 3;

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

-- Deliveries that settings do not want any more: they stand still (state 1) in their lanes until somebody wants them again or gives
-- them up. What a row says counts for as long as its delivery stands still.
CREATE TABLE unwanted (
  account_id INTEGER NOT NULL,
  delivery_id INTEGER NOT NULL,
  channel_id TEXT NOT NULL,
  sender_id TEXT NOT NULL, -- '' for what belongs to a channel as a whole
  kind TEXT NOT NULL, -- what settings choose it by
  since INTEGER NOT NULL,
  PRIMARY KEY (account_id, delivery_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX unwanted_of ON unwanted (account_id, channel_id, sender_id, kind, delivery_id);

-- Messages of the business

-- state: 0 due or leased, 1 blocked behind another of its lane, 2 accepted by the channel, 3 failed, 4 unknown outcome. Of one lane at most
-- one is in state 0. due_at is null when nothing is planned. Ids are their order in the lane.
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
  sent_at INTEGER, -- by its channel's clock; set on channels that tell of all messages up to a time at once
  status TEXT,
  status_rank INTEGER NOT NULL,
  group_id TEXT,
  task_id TEXT,
  task_key BLOB, -- set where one message per task and recipient is wanted
  envelope TEXT NOT NULL -- JSON
) STRICT;

CREATE INDEX outbound_due ON outbound (account_id, channel_id, sender_id, due_at, id) WHERE due_at IS NOT NULL AND state <> 1;
CREATE INDEX outbound_lane ON outbound (account_id, lane, id) WHERE state <= 1;
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

-- Fallbacks

-- Short messages that take the place of a message which does not reach its recipient. A row is armed with its message and
-- fires when the message fails, or when its time is over before the message was delivered. Triggers keep it in step with the
-- message, so that no way to a status can forget it; a message without a fallback costs them one look at its envelope.
CREATE TABLE fallback (
  account_id INTEGER NOT NULL,
  outbound_id INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('armed', 'firing', 'taken', 'dead', 'dropped')),
  reason TEXT CHECK (reason IN ('failed', 'undelivered')),
  due_at INTEGER, -- when it fires, or is tried next; null when nothing is planned
  attempts INTEGER NOT NULL,
  PRIMARY KEY (account_id, outbound_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX fallback_due ON fallback (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE fallback_attempt (
  account_id INTEGER NOT NULL,
  outbound_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  status INTEGER,
  text TEXT NOT NULL,
  PRIMARY KEY (account_id, outbound_id, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER fallback_armed AFTER INSERT ON outbound WHEN instr(NEW.envelope, '"fallBack":') > 0 BEGIN
  INSERT INTO fallback (account_id, outbound_id, state, due_at, attempts)
    SELECT NEW.account_id, NEW.id, 'armed', NEW.due_at + (NEW.envelope ->> '$.fallBack.afterMs'), 0
    WHERE NEW.envelope -> '$.fallBack' IS NOT NULL;
END;

CREATE TRIGGER fallback_followed AFTER UPDATE OF status ON outbound
WHEN NEW.status IN ('failed', 'delivered', 'read') AND instr(NEW.envelope, '"fallBack":') > 0 BEGIN
  UPDATE fallback SET
      state = iif(NEW.status = 'failed', 'firing', 'dropped'),
      reason = iif(NEW.status = 'failed', 'failed', NULL),
      due_at = iif(NEW.status = 'failed', 0, NULL)
    WHERE account_id = NEW.account_id AND outbound_id = NEW.id AND state = 'armed';
END;

CREATE TRIGGER fallback_swept AFTER DELETE ON outbound WHEN instr(OLD.envelope, '"fallBack":') > 0 BEGIN
  DELETE FROM fallback_attempt WHERE account_id = OLD.account_id AND outbound_id = OLD.id;
  DELETE FROM fallback WHERE account_id = OLD.account_id AND outbound_id = OLD.id;
END;

-- Templates

-- One row a language; a code covers all languages of a name on a channel.
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
  parameter_format TEXT NOT NULL DEFAULT 'POSITIONAL', -- how the channel knows its variables
  is_edited INTEGER NOT NULL DEFAULT 0, -- 1: changed here, and still to be changed at the channel
  status TEXT NOT NULL,
  reason TEXT NOT NULL,
  allow_send INTEGER NOT NULL,
  category_change_paused INTEGER NOT NULL,
  ttl_seconds INTEGER,
  quality TEXT NOT NULL,
  vendor_id TEXT,
  offered TEXT NOT NULL DEFAULT '[]', -- JSON, digests of what was offered to the channel under its name
  asked TEXT, -- JSON, the word of a review that was taken without its webhook
  review_at INTEGER, -- when its review is to be asked for or done next; while somebody is at it, when the lease ends
  lease TEXT, -- who is at its review
  lease_ends_at INTEGER, -- until then nobody else takes it up, also when it is changed meanwhile
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, channel_id, code, language)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX template_name ON template (account_id, channel_id, name, language);
CREATE INDEX template_review ON template (review_at) WHERE review_at IS NOT NULL;
CREATE INDEX template_channel_review ON template (account_id, channel_id, review_at) WHERE review_at IS NOT NULL;

-- Templates that were deleted here and are to be deleted at their channel. A template of that name and language that was made
-- meanwhile is not handed in before this is over, so that the deletion cannot take the newer one.
CREATE TABLE template_removal (
  account_id INTEGER NOT NULL,
  channel_id TEXT NOT NULL,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  code TEXT NOT NULL,
  vendor_id TEXT,
  offered TEXT NOT NULL DEFAULT '[]', -- JSON, as the template's
  attempts INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  lease TEXT, -- who is at it; its due time is the end of that
  PRIMARY KEY (account_id, channel_id, name, language)
) STRICT, WITHOUT ROWID;

CREATE INDEX template_removal_due ON template_removal (due_at);
CREATE INDEX template_removal_channel_due ON template_removal (account_id, channel_id, due_at);

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

-- The queue and the sum of the body are there for the day on which the file is damaged: they make a lost list of what is ready again, and
-- tell a body that is not what was sent.
CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  queue_id INTEGER NOT NULL,
  enqueued_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  checksum INTEGER NOT NULL, -- CRC-32 of the body in UTF-8
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

-- How many messages came into each queue and left it for good in each minute; kept for two days.
CREATE TABLE queue_rate (
  account_id INTEGER NOT NULL,
  queue TEXT NOT NULL, -- its name, so that what happened to one of the same name before is in sight too
  minute INTEGER NOT NULL, -- since 1970
  put INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  PRIMARY KEY (account_id, queue, minute)
) STRICT, WITHOUT ROWID;

CREATE INDEX queue_rate_minute ON queue_rate (minute);

-- Upkeep: what the service tells people of itself

CREATE TABLE notice (
  id INTEGER PRIMARY KEY,
  account_id INTEGER, -- null concerns the whole service
  at INTEGER NOT NULL,
  code TEXT NOT NULL,
  subject TEXT NOT NULL,
  text TEXT NOT NULL,
  -- What it speaks of and what checks found, as JSON, so that it can be told in another language than its text.
  params TEXT NOT NULL DEFAULT '{}',
  findings TEXT NOT NULL DEFAULT '[]'
) STRICT;

-- What happened in each minute, for the overview; kept for two days.
CREATE TABLE rate (
  account_id INTEGER NOT NULL,
  minute INTEGER NOT NULL, -- since 1970
  kind TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (account_id, minute, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX rate_minute ON rate (minute);

-- Rows that cannot be read any more, kept apart so that they hold nothing up.
CREATE TABLE unreadable (
  number INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  source TEXT NOT NULL, -- the table
  reason TEXT NOT NULL,
  account_id INTEGER,
  row TEXT NOT NULL -- JSON of its columns; bytes and text that is none as hex
) STRICT;

CREATE INDEX unreadable_at ON unreadable (at);
