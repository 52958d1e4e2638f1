-- Receives, with the time up to which what is in queues is looked at for its age: while a clock may be wrong, nothing more expires.
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
