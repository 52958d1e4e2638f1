-- Gives a destination to a node for so many milliseconds from p_now, the time that all nodes share, unless another has it. A hold
-- that lies further ahead than holds last was written by a clock that is no more: it is cut to that length, so that its holder, if
-- it lives, renews it, and is replaced soon if not. A node whose time was set a moment ago takes nothing from others (p_sure 0):
-- what looks lapsed to it may not be. Returns whether it is the node's now, how long another's hold still lasts, and, if the one
-- before never gave it up, the newest delivery that it may have had in hand.
CREATE FUNCTION take_destination(p_account bigint, p_destination bigint, p_holder text, p_now bigint, p_ms bigint, p_sure smallint,
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
-- was claimed, p_batch and p_spared as before. Returns the destinations for which something was let go.

CREATE FUNCTION write_settlements(p_account bigint, p_now bigint, p_destination bigint[], p_id bigint[], p_lane bigint[],
  p_state bigint[], p_due bigint[], p_cause text[], p_at bigint[], p_duration bigint[], p_status bigint[], p_outcome text[],
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
      FROM unnest(p_destination, p_id, p_state, p_due, p_cause, p_at, p_duration, p_status, p_outcome, p_answer,
          p_batch, p_spared, p_attempts)
        s(destination, id, state, due, cause, at, duration, status, outcome, answer, batch, spared, attempts)
      WHERE d.account_id = p_account AND d.id = ANY (p_id) AND d.id = s.id AND d.destination_id = s.destination AND d.state + 0 <= 1
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


-- Writes what became of claimed messages, and lets the next of each lane go; what was written already by a call whose answer was
-- lost is left alone. Returns the senders concerned.
CREATE OR REPLACE FUNCTION settle_outbound(p_account bigint, p_now bigint, p_rows jsonb)
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


-- Does what intake does, with an event and a status of no account, and takes it back: fails as intake would.
CREATE FUNCTION probe_intake(p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  BEGIN
    PERFORM record_intake(0, p_now, ARRAY[p_now], ARRAY['probe'], ARRAY[p_now], ARRAY[0], ARRAY['\x00'::bytea], ARRAY[NULL]::text[],
      ARRAY['ChatAppStatus'], ARRAY['probe'], ARRAY['sandbox'], ARRAY['probe'], ARRAY['whatsapp'], '{}', '{}',
      ARRAY[p_now], ARRAY['\x00000000000000000000000000000000'::bytea], ARRAY[1], ARRAY[NULL]::bigint[], ARRAY[p_now], ARRAY[p_now], ARRAY[0],
      ARRAY['{}'], ARRAY[1], ARRAY[0], ARRAY[0], ARRAY[1], ARRAY[1],
      ARRAY[NULL]::bigint[], ARRAY[NULL]::bigint[], ARRAY[NULL]::text[], ARRAY[NULL]::bigint[], '{}');
    RAISE EXCEPTION USING ERRCODE = 'CHQ01';
  EXCEPTION WHEN SQLSTATE 'CHQ01' THEN NULL;
  END;
  INSERT INTO meta (key, value) VALUES ('probed', convert_to(p_now::text, 'UTF8')) ON CONFLICT (key) DO UPDATE SET value = excluded.value;
END $$;
