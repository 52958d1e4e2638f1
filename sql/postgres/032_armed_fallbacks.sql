-- A fallback without a time of its own (afterMs null) waits for the failure of its message. A message whose envelope cannot be
-- read has none.
CREATE OR REPLACE FUNCTION arm_fallback() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT NEW.envelope::jsonb ? 'fallBack' THEN RETURN NULL; END IF;
  INSERT INTO fallback (account_id, outbound_id, state, due_at, attempts)
    VALUES (NEW.account_id, NEW.id, 'armed', NEW.due_at + read_number(NEW.envelope, '{fallBack,afterMs}', 2592000000), 0);
  RETURN NULL;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
  RETURN NULL;
END $$;
