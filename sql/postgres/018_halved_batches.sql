-- The function of 001 without the last two parameters stays for nodes of the version before.
-- Writes what became of claimed deliveries, and lets the next of each lane go. One that is over already is left alone. p_again
-- are those with attempts before; p_batch names another batch for one that is tried again, and p_spared is 1 where the try that has
-- ended uses up none of the schedule. Returns the destinations for which something was let go.
CREATE FUNCTION settle_deliveries(p_account bigint, p_now bigint, p_destination bigint[], p_id bigint[], p_lane bigint[],
  p_state bigint[], p_due bigint[], p_cause text[], p_at bigint[], p_duration bigint[], p_status bigint[], p_outcome text[],
  p_answer text[], p_again bigint[], p_batch bigint[], p_spared bigint[]) RETURNS bigint[] LANGUAGE plpgsql SET enable_hashjoin = on SET enable_nestloop = off AS $$
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
        batch = CASE WHEN s.state = 0 THEN coalesce(s.batch, d.batch) END, round_start = d.round_start + s.spared,
        at = s.at, duration_ms = s.duration, status = s.status, outcome = s.outcome, answer = s.answer
      FROM unnest(p_destination, p_id, p_state, p_due, p_cause, p_at, p_duration, p_status, p_outcome, p_answer,
          p_batch, p_spared)
        s(destination, id, state, due, cause, at, duration, status, outcome, answer, batch, spared)
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
