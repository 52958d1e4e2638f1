-- Short messages that take the place of a message which does not reach its recipient. A row is armed with its message and
-- fires when the message fails, or when its time is over before the message was delivered. Triggers keep it in step with the
-- message, so that no way to a status can forget it; a message without a fallback costs them one look at its envelope.
CREATE TABLE fallback (
  account_id INTEGER NOT NULL,
  outbound_id INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('armed', 'firing', 'taken', 'dead', 'dropped')),
  reason TEXT CHECK (reason IN ('failed', 'undelivered')),
  due_at INTEGER, -- when it fires, or is tried next; null when nothing is planned
  attempts INTEGER NOT NULL,
  PRIMARY KEY (account_id, outbound_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX fallback_due ON fallback (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE fallback_attempt (
  account_id INTEGER NOT NULL,
  outbound_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  status INTEGER,
  text TEXT NOT NULL,
  PRIMARY KEY (account_id, outbound_id, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER fallback_armed AFTER INSERT ON outbound WHEN instr(NEW.envelope, '"fallBack":') > 0 BEGIN
  INSERT INTO fallback (account_id, outbound_id, state, due_at, attempts)
    SELECT NEW.account_id, NEW.id, 'armed', NEW.due_at + (NEW.envelope ->> '$.fallBack.afterMs'), 0
    WHERE NEW.envelope -> '$.fallBack' IS NOT NULL;
END;

CREATE TRIGGER fallback_followed AFTER UPDATE OF status ON outbound
WHEN NEW.status IN ('failed', 'delivered', 'read') AND instr(NEW.envelope, '"fallBack":') > 0 BEGIN
  UPDATE fallback SET
      state = iif(NEW.status = 'failed', 'firing', 'dropped'),
      reason = iif(NEW.status = 'failed', 'failed', NULL),
      due_at = iif(NEW.status = 'failed', 0, NULL)
    WHERE account_id = NEW.account_id AND outbound_id = NEW.id AND state = 'armed';
END;

CREATE TRIGGER fallback_swept AFTER DELETE ON outbound WHEN instr(OLD.envelope, '"fallBack":') > 0 BEGIN
  DELETE FROM fallback_attempt WHERE account_id = OLD.account_id AND outbound_id = OLD.id;
  DELETE FROM fallback WHERE account_id = OLD.account_id AND outbound_id = OLD.id;
END;
