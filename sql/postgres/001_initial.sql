-- The shared store. Ids of receipts, raw events, deliveries and messages are time-ordered: milliseconds * 4096 + a running
-- number + the node's number. Every table that grows has account_id first in its key, so that it can be distributed by it
-- and a hot statement touches one account (docs/scaling.md). Flags are 0 or 1.

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

-- Who

CREATE TABLE account (
  id bigint PRIMARY KEY,
  name text NOT NULL,
  created_at bigint NOT NULL
);

CREATE TABLE access_key (
  id text PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES account,
  secret bytea NOT NULL, -- sealed
  state text NOT NULL CHECK (state IN ('active', 'disabled')),
  created_at bigint NOT NULL
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

-- Channels

CREATE TABLE channel (
  id text PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES account,
  type text NOT NULL,
  name text NOT NULL,
  waba_id text,
  credentials bytea NOT NULL, -- sealed JSON
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
  webhook text NOT NULL, -- JSON of SenderWebhook
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL
);

CREATE UNIQUE INDEX sender_id ON sender (channel_id, id);
-- Every account's sandbox plays the same senders, so those are told apart by their channel alone.
CREATE UNIQUE INDEX sender_route ON sender (channel_type, route_id) WHERE channel_type <> 'sandbox';

-- Receipts

CREATE TABLE raw_event (
  account_id bigint NOT NULL,
  id bigint NOT NULL,
  channel_id text NOT NULL,
  received_at bigint NOT NULL,
  packed smallint NOT NULL, -- 1: raw deflate
  body bytea NOT NULL,
  remarks text, -- JSON; null when there are none
  PRIMARY KEY (account_id, id)
);

-- Packed already, or too small to gain anything.
ALTER TABLE raw_event ALTER COLUMN body SET STORAGE EXTERNAL;

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

CREATE INDEX media_due ON media (due_at) WHERE state = 'pending';
CREATE INDEX media_stored ON media (created_at, bytes) WHERE state = 'stored';

-- The bytes of media, in pieces that pass through a connection without holding it for long.
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
  url text NOT NULL,
  settings text NOT NULL, -- JSON of DestinationSettings
  state text NOT NULL CHECK (state IN ('active', 'opened', 'off')),
  state_reason text NOT NULL,
  state_since bigint NOT NULL,
  secrets bytea NOT NULL, -- sealed JSON of DestinationSecret[]
  created_at bigint NOT NULL
);

CREATE UNIQUE INDEX destination_url ON destination (account_id, url);

-- Which node pushes to a destination, until when by the database's clock; no holder: it was given up. Its holder knows by
-- itself what it has in hand, so that a claim writes nothing.
CREATE TABLE destination_hold (
  account_id bigint NOT NULL,
  destination_id bigint NOT NULL,
  holder text NOT NULL,
  until bigint NOT NULL,
  PRIMARY KEY (account_id, destination_id)
) WITH (fillfactor = 50);

-- state: 0 waiting, 1 blocked behind another of its lane, 2 done, 3 dead. Of one lane at most one is waiting, so what is
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
CREATE INDEX delivery_dead ON delivery (account_id, id) WHERE state = 3;

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

-- Messages of the business. state: 0 due or leased, 1 blocked behind another of its lane, 2 accepted by the channel, 3 failed,
-- 4 unknown outcome. Of one lane at most one is in state 0. due_at is null when nothing is planned.
CREATE TABLE outbound (
  account_id bigint NOT NULL,
  id bigint NOT NULL,
  channel_id text NOT NULL,
  channel_type text NOT NULL,
  sender_id text NOT NULL,
  recipient text NOT NULL,
  lane bigint NOT NULL,
  state smallint NOT NULL,
  due_at bigint,
  leased smallint NOT NULL, -- 1: a try may be under way
  attempts int NOT NULL,
  step int NOT NULL, -- of a simulated channel
  expires_at bigint NOT NULL,
  channel_message_id text,
  status text,
  status_rank smallint NOT NULL,
  group_id text,
  task_id text,
  task_key bytea, -- set where one message per task and recipient is wanted
  envelope text NOT NULL, -- JSON
  PRIMARY KEY (account_id, id)
);

CREATE INDEX outbound_due ON outbound (account_id, channel_id, sender_id, due_at, id) WHERE due_at IS NOT NULL AND state <> 1;
CREATE INDEX outbound_lane ON outbound (account_id, lane, id) WHERE state <= 1;
CREATE INDEX outbound_sender ON outbound (account_id, channel_id, sender_id, id);
CREATE INDEX outbound_channel_message ON outbound (account_id, channel_message_id) WHERE channel_message_id IS NOT NULL;
CREATE INDEX outbound_group ON outbound (account_id, group_id, id) WHERE group_id IS NOT NULL;
CREATE UNIQUE INDEX outbound_task ON outbound (account_id, task_key) WHERE task_key IS NOT NULL;

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

-- Templates, one row a language; a code covers all languages of a name on a channel.
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
  status text NOT NULL,
  reason text NOT NULL,
  allow_send bigint NOT NULL,
  category_change_paused bigint NOT NULL,
  ttl_seconds bigint,
  quality text NOT NULL,
  vendor_id text,
  review_at bigint, -- when its review is to be asked for or done next
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  PRIMARY KEY (account_id, channel_id, code, language)
);

CREATE UNIQUE INDEX template_name ON template (account_id, channel_id, name, language);
CREATE INDEX template_review ON template (review_at) WHERE review_at IS NOT NULL;

-- Signature nonces that have been used. Keys belong to accounts, but are known before their account is.
CREATE TABLE nonce (
  key_id text NOT NULL,
  nonce text NOT NULL,
  used_at bigint NOT NULL,
  PRIMARY KEY (key_id, nonce)
);

CREATE INDEX nonce_used ON nonce (used_at);

-- Queues

CREATE TABLE queue (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES account,
  name text COLLATE "C" NOT NULL,
  attributes text NOT NULL, -- JSON of QueueAttributes
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
-- a range scan from its start, whatever else the queue holds.
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

-- For people

CREATE TABLE notice (
  id bigint PRIMARY KEY,
  account_id bigint, -- null concerns the whole service
  at bigint NOT NULL,
  code text NOT NULL,
  subject text NOT NULL,
  text text NOT NULL
);

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

-- Functions. Each is one statement, so one transaction and one round trip, and works on one account. The planner may have
-- been told that a table is empty, and would then rather read all of an account's rows once than look each up. Three shapes
-- keep it from that: a subquery in the place of a value, a lateral one fenced by OFFSET 0, and `= ANY` of ids; `state + 0`
-- keeps it from a partial index of that state.

-- Holds lanes until the end of the transaction, in one order for all, so that what looks at a lane and then changes it is
-- alone with it on all nodes. Very many lanes are held by holding their account.
CREATE FUNCTION hold_lanes(p_account bigint, p_lanes bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF cardinality(p_lanes) > 400 THEN
    PERFORM pg_advisory_xact_lock(hashint8extended(p_account, 0));
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock_shared(hashint8extended(p_account, 0));
  PERFORM pg_advisory_xact_lock(hashint8extended(lane, p_account))
    FROM (SELECT DISTINCT lane FROM unnest(p_lanes) lane ORDER BY lane) l;
END $$;

-- Gives a destination to a node for so many milliseconds, unless another has it. Returns whether it is the node's now, how long
-- another's hold still lasts, and, if the one before never gave it up, the newest delivery that it may have had in hand.
CREATE FUNCTION hold_destination(p_account bigint, p_destination bigint, p_holder text, p_ms bigint,
  OUT mine boolean, OUT rest bigint, OUT suspect bigint) LANGUAGE plpgsql AS $$
DECLARE
  v_now bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
  h record;
BEGIN
  INSERT INTO destination_hold (account_id, destination_id, holder, until) VALUES (p_account, p_destination, '', 0)
    ON CONFLICT DO NOTHING;
  SELECT holder, until INTO h FROM destination_hold WHERE account_id = p_account AND destination_id = p_destination FOR UPDATE;
  mine := h.holder = p_holder OR h.until < v_now;
  IF mine AND h.holder NOT IN ('', p_holder) THEN
    suspect := coalesce((SELECT id FROM delivery WHERE account_id = p_account ORDER BY id DESC LIMIT 1), 0);
  END IF;
  rest := greatest(h.until - v_now, 0);
  IF mine THEN
    UPDATE destination_hold SET holder = p_holder, until = v_now + p_ms
      WHERE account_id = p_account AND destination_id = p_destination;
  END IF;
END $$;

-- Lets the next message of a lane to a recipient go. The lane has to be held.
CREATE FUNCTION release_outbound(p_account bigint, p_lane bigint, p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  n record;
BEGIN
  SELECT id, state INTO n FROM outbound WHERE account_id = p_account AND lane = p_lane AND state <= 1 ORDER BY id LIMIT 1;
  IF FOUND AND n.state = 1 THEN
    UPDATE outbound SET state = 0, due_at = greatest(due_at, p_now) WHERE account_id = p_account AND id = n.id;
  END IF;
END $$;

-- Lets an outbound message follow a status of its own: a status says that the channel has taken it, or will not.
CREATE FUNCTION follow_outbound(p_account bigint, p_id bigint, p_status text, p_rank smallint, p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  o record;
BEGIN
  PERFORM hold_lanes(p_account, ARRAY(SELECT lane FROM outbound WHERE account_id = p_account AND id = p_id));
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
        expires_at, status_rank, group_id, task_id, envelope)
      SELECT p_account, t.id, t.channel, t.type, t.sender, t.recipient, t.lane,
        CASE WHEN row_number() OVER (PARTITION BY t.lane ORDER BY t.id) > 1
          OR (SELECT o.id FROM outbound o WHERE o.account_id = p_account AND o.lane = t.lane AND o.state <= 1 LIMIT 1) IS NOT NULL
          THEN 1 ELSE 0 END,
        p_now, 0, 0, 0, t.expires, 0, t."group", t.task, t.envelope
      FROM jsonb_to_recordset(p_rows) t(id bigint, channel text, type text, sender text, recipient text, lane bigint, expires bigint,
        "group" text, task text, envelope text);
    RETURN ARRAY(SELECT (t.row ->> 'id')::bigint FROM jsonb_array_elements(p_rows) WITH ORDINALITY t(row, n) ORDER BY t.n);
  END IF;
  FOR r IN SELECT * FROM jsonb_to_recordset(p_rows) t(id bigint, channel text, type text, sender text, recipient text, lane bigint,
      expires bigint, "group" text, task text, task_key text, envelope text) LOOP
    INSERT INTO outbound (account_id, id, channel_id, channel_type, sender_id, recipient, lane, state, due_at, leased, attempts, step,
        expires_at, status_rank, group_id, task_id, task_key, envelope)
      VALUES (p_account, r.id, r.channel, r.type, r.sender, r.recipient, r.lane,
        CASE WHEN EXISTS (SELECT 1 FROM outbound o WHERE o.account_id = p_account AND o.lane = r.lane AND o.state <= 1) THEN 1 ELSE 0 END,
        p_now, 0, 0, 0, r.expires, 0, r."group", r.task, decode(r.task_key, 'hex'), r.envelope)
      ON CONFLICT (account_id, task_key) WHERE task_key IS NOT NULL DO NOTHING RETURNING id INTO v_known;
    IF v_known IS NULL THEN
      SELECT id INTO v_known FROM outbound WHERE account_id = p_account AND task_key = decode(r.task_key, 'hex');
    END IF;
    v_ids := v_ids || v_known;
    v_known := NULL;
  END LOOP;
  RETURN v_ids;
END $$;

-- Writes what became of claimed messages, and lets the next of each lane go. Returns the senders concerned.
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

-- Records raw events with the receipts, deliveries and queue messages that came of them. What rows share (where they came from,
-- queues, destinations) is named by its place. Returns which receipts are fresh (null: all; the others are repeats), which of
-- those were dropped, and what to wake.
CREATE FUNCTION record_intake(p_account bigint, p_now bigint,
  p_raw_id bigint[], p_raw_channel text[], p_raw_at bigint[], p_raw_packed bigint[], p_raw_body bytea[], p_raw_remarks text[],
  p_types text[], p_channels text[], p_channel_types text[], p_senders text[], p_sender_types text[],
  p_queues text[], p_destinations bigint[],
  p_id bigint[], p_key bytea[], p_origin bigint[], p_subject bigint[], p_occurred bigint[], p_raw bigint[], p_index bigint[],
  p_facts text[], p_rank bigint[], p_drop bigint[], p_lane bigint[], p_of_subject bigint[], p_matched bigint[],
  p_queue bigint[], p_message bigint[], p_body text[], p_destination bigint[], p_extras jsonb,
  OUT fresh bigint[], OUT dropped bigint[], OUT queues bigint[], OUT destinations bigint[], OUT made boolean) LANGUAGE plpgsql AS $$
DECLARE
  v_late bigint[];
  v_lone bigint[];
  v_enlist bigint[];
  v_queue_id bigint[];
  v_delay bigint[];
  v_wait bigint[];
  v_all boolean;
  v_template record;
BEGIN
  PERFORM hold_lanes(p_account, p_lane);
  dropped := '{}';
  queues := '{}';
  destinations := '{}';
  made := false;

  IF cardinality(p_raw_id) > 0 THEN
    INSERT INTO raw_event (account_id, id, channel_id, received_at, packed, body, remarks)
      SELECT p_account, r.* FROM unnest(p_raw_id, p_raw_channel, p_raw_at, p_raw_packed, p_raw_body, p_raw_remarks) r;
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
    SELECT array_agg(o.id ORDER BY n.place), array_agg(coalesce((o.attributes::jsonb ->> 'delaySeconds')::bigint, 0) * 1000 ORDER BY n.place)
      INTO v_queue_id, v_delay
      FROM unnest(p_queues) WITH ORDINALITY n(name, place)
      LEFT JOIN LATERAL (SELECT q.id, q.attributes FROM queue q WHERE q.account_id = p_account AND q.name = n.name OFFSET 0) o ON true;
  END IF;
  IF cardinality(p_destinations) > 0 THEN
    SELECT array_agg(coalesce((o.settings::jsonb -> 'scheduleMs' ->> 0)::bigint, 0) ORDER BY n.place) FILTER (WHERE o.id IS NOT NULL)
      INTO v_wait
      FROM unnest(p_destinations) WITH ORDINALITY n(id, place)
      LEFT JOIN LATERAL (SELECT d.id, d.settings FROM destination d WHERE d.account_id = p_account AND d.id = n.id OFFSET 0) o ON true;
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
        CASE WHEN NOT r.id = ANY (dropped) AND v_queue_id[r.queue] IS NOT NULL THEN r.message END
      FROM unnest(p_id, p_key, p_origin, p_subject, p_occurred, p_raw, p_index, p_facts, p_rank, p_matched, p_queue, p_message)
        r(id, key, origin, subject, occurred, raw, index, facts, rank, matched, queue, message)
    ON CONFLICT (account_id, key) DO NOTHING RETURNING id)
  SELECT array_agg(id) INTO fresh FROM put;
  v_all := cardinality(fresh) = cardinality(p_id);
  fresh := coalesce(fresh, '{}');
  IF cardinality(fresh) = 0 THEN
    dropped := '{}';
    RETURN;
  END IF;

  IF v_queue_id IS NOT NULL THEN
    WITH put AS (
      INSERT INTO message (account_id, id, queue_id, state, priority, visible_at, dequeue_count, enqueued_at, receipt_id, body)
        SELECT p_account, r.message, v_queue_id[r.queue], CASE WHEN v_delay[r.queue] > 0 THEN 1 ELSE 0 END, 8,
          p_now + v_delay[r.queue], 0, p_now, r.id, r.body
        FROM unnest(p_id, p_queue, p_message, p_body) r(id, queue, message, body)
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
        SELECT p_account, r.id, p_destinations[r.destination], r.lane, CASE WHEN r.id = ANY (v_lone) THEN 0 ELSE 1 END, r.id,
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

-- Adds messages to queues, which rows name by their place. Returns the queues that are there; what was meant for others is
-- not kept.
CREATE FUNCTION send_messages(p_account bigint, p_queues bigint[], p_id bigint[], p_queue bigint[], p_priority bigint[],
  p_at bigint[], p_delay bigint[], p_extras text[], p_body text[]) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  v_there bigint[];
  v_delay bigint[];
BEGIN
  SELECT array_agg(o.id ORDER BY n.place), array_agg(o.delay ORDER BY n.place) INTO v_there, v_delay
    FROM unnest(p_queues) WITH ORDINALITY n(id, place)
    LEFT JOIN LATERAL (SELECT q.id, (q.attributes::jsonb ->> 'delaySeconds')::bigint * 1000 AS delay FROM queue q
      WHERE q.account_id = p_account AND q.id = n.id OFFSET 0) o ON true;
  WITH put AS (
    INSERT INTO message (account_id, id, queue_id, state, priority, visible_at, dequeue_count, enqueued_at, extras, body)
      SELECT p_account, m.id, v_there[m.queue], CASE WHEN coalesce(m.delay, v_delay[m.queue]) > 0 THEN 1 ELSE 0 END, m.priority,
        m.at + coalesce(m.delay, v_delay[m.queue]), 0, m.at, m.extras, m.body
      FROM unnest(p_id, p_queue, p_priority, p_at, p_delay, p_extras, p_body) m(id, queue, priority, at, delay, extras, body)
      WHERE v_there[m.queue] IS NOT NULL
    RETURNING queue_id, state)
  INSERT INTO queue_tally (account_id, queue_id, active, inactive, delayed)
    SELECT p_account, queue_id, count(*) FILTER (WHERE state = 0), 0, count(*) FILTER (WHERE state = 1) FROM put GROUP BY queue_id;
  RETURN array_remove(v_there, NULL);
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
-- row of id 0 says so.
CREATE FUNCTION receive_messages(p_account bigint, p_queue bigint, p_now bigint, p_limit int, p_priority smallint, p_from bigint)
RETURNS TABLE (id bigint, priority smallint, dequeue_count int, first_dequeued_at bigint, visible_at bigint, enqueued_at bigint,
  extras text, body text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_attributes jsonb;
  v_visible bigint;
  v_expired bigint;
  v_priority smallint := p_priority;
  v_from bigint := p_from;
  v_old bigint[];
  v_live bigint[];
  v_got int := 0;
  v_discarded int := 0;
BEGIN
  SELECT attributes::jsonb INTO v_attributes FROM queue q WHERE q.id = p_queue AND q.account_id = p_account;
  IF v_attributes IS NULL THEN RETURN; END IF;
  v_visible := p_now + (v_attributes ->> 'visibilitySeconds')::bigint * 1000;
  v_expired := p_now - (v_attributes ->> 'retentionSeconds')::bigint * 1000;
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

-- Writes what became of claimed deliveries, and lets the next of each lane go. One that is over already is left alone. p_again
-- are those with attempts before. Returns the destinations for which something was let go.
CREATE FUNCTION settle_deliveries(p_account bigint, p_now bigint, p_destination bigint[], p_id bigint[], p_lane bigint[],
  p_state bigint[], p_due bigint[], p_cause text[], p_at bigint[], p_duration bigint[], p_status bigint[], p_outcome text[],
  p_answer text[], p_again bigint[]) RETURNS bigint[] LANGUAGE plpgsql SET enable_hashjoin = on SET enable_nestloop = off AS $$
DECLARE
  v_over_destination bigint[];
  v_over_lane bigint[];
  v_next bigint[];
  v_freed bigint[] := '{}';
BEGIN
  PERFORM hold_lanes(p_account, p_lane);
  IF cardinality(p_again) > 0 THEN
    INSERT INTO attempt (account_id, delivery_id, number, at, duration_ms, status, outcome, answer)
      SELECT p_account, d.id, d.attempts, d.at, d.duration_ms, d.status, d.outcome, d.answer FROM delivery d
      WHERE d.account_id = p_account AND d.id = ANY (p_again) AND d.state + 0 <= 1 AND d.outcome IS NOT NULL
    ON CONFLICT DO NOTHING;
  END IF;
  WITH settled AS (
    UPDATE delivery d SET state = s.state, due_at = coalesce(s.due, p_now), attempts = d.attempts + 1, cause = s.cause,
        batch = CASE WHEN s.state = 0 THEN d.batch END, at = s.at, duration_ms = s.duration, status = s.status,
        outcome = s.outcome, answer = s.answer
      FROM unnest(p_destination, p_id, p_state, p_due, p_cause, p_at, p_duration, p_status, p_outcome, p_answer)
        s(destination, id, state, due, cause, at, duration, status, outcome, answer)
      WHERE d.account_id = p_account AND d.id = ANY (p_id) AND d.id = s.id AND d.destination_id = s.destination AND d.state + 0 <= 1
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

-- Makes deliveries that are over due again, each at the end of its lane. Returns how many.
CREATE FUNCTION replay_deliveries(p_account bigint, p_now bigint, p_rows jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  r record;
  v_count bigint := 0;
  v_changed bigint;
BEGIN
  FOR r IN SELECT * FROM jsonb_to_recordset(p_rows) t(id bigint, destination bigint, lane bigint, place bigint) LOOP
    UPDATE delivery SET
        state = CASE WHEN (SELECT o.id FROM delivery o WHERE o.account_id = p_account AND o.destination_id = r.destination
          AND o.lane = r.lane AND o.state <= 1 AND o.laned = 1 LIMIT 1) IS NULL THEN 0 ELSE 1 END,
        laned = 1, due_at = p_now, place = r.place, round_start = attempts, cause = 'replay', batch = NULL
      WHERE account_id = p_account AND id = r.id AND state >= 2;
    GET DIAGNOSTICS v_changed = ROW_COUNT;
    v_count := v_count + v_changed;
  END LOOP;
  RETURN v_count;
END $$;
