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

INSERT INTO remarked (raw_event_id, account_id, channel_id, received_at, from_user, reader, remarks)
SELECT id, account_id, channel_id, received_at, 0, '', remarks FROM raw_event WHERE remarks IS NOT NULL;

-- Keeps what was said of some raw events, and nothing any more of those that were read again.
CREATE FUNCTION keep_remarked(p_account bigint, p_read bigint[], p_rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM remarked WHERE raw_event_id = ANY (p_read) AND account_id = p_account;
  INSERT INTO remarked (raw_event_id, account_id, channel_id, received_at, from_user, reader, remarks)
    SELECT raw, p_account, channel, at, from_user, reader, remarks
      FROM jsonb_to_recordset(p_rows) r(raw bigint, channel text, at bigint, from_user smallint, reader text, remarks text)
  ON CONFLICT (account_id, raw_event_id) DO UPDATE SET from_user = excluded.from_user, reader = excluded.reader, remarks = excluded.remarks;
END $$;
