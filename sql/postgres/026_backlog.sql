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

ALTER TABLE destination ADD COLUMN name text NOT NULL DEFAULT '';

-- Destinations that were removed, for as long as a delivery tells of them.
CREATE TABLE removed_destination (
  account_id bigint NOT NULL,
  id bigint NOT NULL,
  url text NOT NULL,
  removed_at bigint NOT NULL,
  PRIMARY KEY (account_id, id)
);

-- Lets the first delivery of each of these lanes go, unless settings do not want it; any other that waits stands behind it again.
-- Returns the destinations for which something was let go.
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

-- As before, but that a delivery which was handed over to another destination meanwhile ends all the same.
CREATE OR REPLACE FUNCTION write_settlements(p_account bigint, p_now bigint, p_destination bigint[], p_id bigint[], p_lane bigint[],
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
