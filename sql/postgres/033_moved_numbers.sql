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
CREATE OR REPLACE FUNCTION tell_aliases(p_account bigint, p_now bigint, p_retold bigint, p_earlier bigint, p_rows jsonb) RETURNS bigint
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
