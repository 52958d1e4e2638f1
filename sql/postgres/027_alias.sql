-- That a channel told of a user under another id than the one that was written to or is told beside it: `told` is what the
-- spelling is told as, `rank` what that is (1: a number, 2: a user, 3: what links users' ids). Who had the spelling before has it
-- until then.
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

-- Notes that ids are of one user, in one order for all callers. p_retold: that one was told again is noted once in this time;
-- p_earlier: earlier users of a spelling that are remembered. Returns how many it was told.
CREATE FUNCTION tell_aliases(p_account bigint, p_now bigint, p_retold bigint, p_earlier bigint, p_rows jsonb) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  r record;
  o record;
  v_at bigint;
BEGIN
  FOR r IN SELECT spelling, channel, rank, told, at FROM jsonb_to_recordset(p_rows)
      t(spelling text, channel text, rank smallint, told text, at bigint)
      ORDER BY spelling COLLATE "C", channel COLLATE "C", rank, at LOOP
    v_at := least(r.at, p_now);
    SELECT told, told_at INTO o FROM alias
      WHERE account_id = p_account AND spelling = r.spelling AND channel_id = r.channel AND rank = r.rank AND until IS NULL;
    IF NOT FOUND THEN
      INSERT INTO alias (account_id, spelling, channel_id, rank, since, told, told_at)
        SELECT p_account, r.spelling, r.channel, r.rank, coalesce(max(a.until), 0), r.told, v_at FROM alias a
        WHERE a.account_id = p_account AND a.spelling = r.spelling AND a.channel_id = r.channel AND a.rank = r.rank
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
