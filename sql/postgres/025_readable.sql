-- A row whose JSON cannot be read fails nobody but itself: no statement that is about many rows reads JSON out of a column and fails
-- by it. What hot statements need of a queue or a destination stands in columns of its own, kept by the row's own change; what else
-- is read out of JSON is read by these two functions.

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

-- The defaults hold for a queue that could not be read when these columns were made: the longest retention, so that nothing expires
-- early. One that becomes unreadable later keeps what it had.
ALTER TABLE queue
  ADD COLUMN delay_ms bigint NOT NULL DEFAULT 0,
  ADD COLUMN visibility_ms bigint NOT NULL DEFAULT 30000,
  ADD COLUMN retention_ms bigint NOT NULL DEFAULT 1296000000;

CREATE FUNCTION note_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.delay_ms := coalesce(1000 * read_number(NEW.attributes, '{delaySeconds}', 604800), NEW.delay_ms);
  NEW.visibility_ms := coalesce(1000 * read_number(NEW.attributes, '{visibilitySeconds}', 43200), NEW.visibility_ms);
  NEW.retention_ms := coalesce(1000 * read_number(NEW.attributes, '{retentionSeconds}', 1296000), NEW.retention_ms);
  RETURN NEW;
END $$;

CREATE TRIGGER queue_noted BEFORE INSERT OR UPDATE OF attributes ON queue FOR EACH ROW EXECUTE FUNCTION note_queue();
UPDATE queue SET attributes = attributes;

-- What is due at a destination waits for so long before its first try.
ALTER TABLE destination ADD COLUMN first_wait_ms bigint NOT NULL DEFAULT 0;

CREATE FUNCTION note_destination() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.first_wait_ms := coalesce(read_number(NEW.settings, '{scheduleMs,0}', 2592000000), NEW.first_wait_ms);
  RETURN NEW;
END $$;

CREATE TRIGGER destination_noted BEFORE INSERT OR UPDATE OF settings ON destination
  FOR EACH ROW EXECUTE FUNCTION note_destination();
UPDATE destination SET settings = settings;

-- A message whose envelope cannot be read has no fallback.
CREATE OR REPLACE FUNCTION arm_fallback() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO fallback (account_id, outbound_id, state, due_at, attempts)
    SELECT NEW.account_id, NEW.id, 'armed', NEW.due_at + after_ms, 0
    FROM read_number(NEW.envelope, '{fallBack,afterMs}', 2592000000) after_ms WHERE after_ms IS NOT NULL;
  RETURN NULL;
END $$;

-- What is kept apart is found by its account, and by its time once that is over.
CREATE INDEX unreadable_at ON unreadable (at);

-- The functions from here on are as before, but for where they read those values.

CREATE OR REPLACE FUNCTION record_intake(p_account bigint, p_now bigint,
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
  v_message bigint[];
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

CREATE OR REPLACE FUNCTION put_messages(p_account bigint, p_queues bigint[], p_queue bigint[], p_priority bigint[], p_at bigint[],
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

CREATE OR REPLACE FUNCTION receive_messages(p_account bigint, p_queue bigint, p_now bigint, p_limit int, p_priority smallint, p_from bigint)
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
  SELECT p_now + q.visibility_ms, p_now - q.retention_ms INTO v_visible, v_expired
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

-- For nodes of the version before.
CREATE OR REPLACE FUNCTION send_messages(p_account bigint, p_queues bigint[], p_id bigint[], p_queue bigint[], p_priority bigint[],
  p_at bigint[], p_delay bigint[], p_extras text[], p_body text[]) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  v_there bigint[];
  v_delay bigint[];
BEGIN
  SELECT array_agg(o.id ORDER BY n.place), array_agg(o.delay ORDER BY n.place) INTO v_there, v_delay
    FROM unnest(p_queues) WITH ORDINALITY n(id, place)
    LEFT JOIN LATERAL (SELECT q.id, q.delay_ms AS delay FROM queue q
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
