-- Short messages that take the place of a message which does not reach its recipient. A row is armed with its message and
-- fires when the message fails, or when its time is over before the message was delivered. Triggers keep it in step with the
-- message, so that no way to a status can forget it; a message without a fallback costs them one look at its envelope. Each
-- writes rows of its own account alone.
CREATE TABLE fallback (
  account_id bigint NOT NULL,
  outbound_id bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('armed', 'firing', 'taken', 'dead', 'dropped')),
  reason text CHECK (reason IN ('failed', 'undelivered')),
  due_at bigint, -- when it fires, or is tried next; null when nothing is planned
  attempts int NOT NULL,
  PRIMARY KEY (account_id, outbound_id)
);

CREATE INDEX fallback_due ON fallback (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE fallback_attempt (
  account_id bigint NOT NULL,
  outbound_id bigint NOT NULL,
  number int NOT NULL,
  at bigint NOT NULL,
  duration_ms bigint NOT NULL,
  status int,
  text text NOT NULL,
  PRIMARY KEY (account_id, outbound_id, number)
);

CREATE FUNCTION arm_fallback() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO fallback (account_id, outbound_id, state, due_at, attempts)
    SELECT NEW.account_id, NEW.id, 'armed', NEW.due_at + (NEW.envelope::jsonb #>> '{fallBack,afterMs}')::bigint, 0
    WHERE NEW.envelope::jsonb ? 'fallBack';
  RETURN NULL;
END $$;

CREATE TRIGGER fallback_armed AFTER INSERT ON outbound
  FOR EACH ROW WHEN (position('"fallBack":' IN NEW.envelope) > 0) EXECUTE FUNCTION arm_fallback();

CREATE FUNCTION follow_fallback() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE fallback SET
      state = CASE NEW.status WHEN 'failed' THEN 'firing' ELSE 'dropped' END,
      reason = CASE NEW.status WHEN 'failed' THEN 'failed' END,
      due_at = CASE NEW.status WHEN 'failed' THEN 0 END
    WHERE account_id = NEW.account_id AND outbound_id = NEW.id AND state = 'armed';
  RETURN NULL;
END $$;

CREATE TRIGGER fallback_followed AFTER UPDATE OF status ON outbound
  FOR EACH ROW WHEN (NEW.status IN ('failed', 'delivered', 'read') AND position('"fallBack":' IN NEW.envelope) > 0)
  EXECUTE FUNCTION follow_fallback();

CREATE FUNCTION sweep_fallback() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM fallback_attempt WHERE account_id = OLD.account_id AND outbound_id = OLD.id;
  DELETE FROM fallback WHERE account_id = OLD.account_id AND outbound_id = OLD.id;
  RETURN NULL;
END $$;

CREATE TRIGGER fallback_swept AFTER DELETE ON outbound
  FOR EACH ROW WHEN (position('"fallBack":' IN OLD.envelope) > 0) EXECUTE FUNCTION sweep_fallback();
