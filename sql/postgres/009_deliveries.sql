-- Why a callback URL is in the state that it is in, as a code and what that speaks of, so that it is told in the reader's language.
ALTER TABLE destination ADD COLUMN state_reason_code text NOT NULL DEFAULT ''; -- '' where an older version wrote the reason, as a text alone
ALTER TABLE destination ADD COLUMN state_reason_params text NOT NULL DEFAULT '{}'; -- JSON
UPDATE destination SET state_reason_code = 'switched_on' WHERE state_reason = 'Switched on by an operator.';
UPDATE destination SET state_reason_code = 'switched_off' WHERE state_reason = 'Switched off by an operator.';
UPDATE destination SET state_reason_code = 'other_url' WHERE state_reason = 'Given another URL by an operator.';

-- What a user is called in the facts of a receipt; nothing where they cannot be read.
CREATE FUNCTION user_names(p_facts text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN ARRAY[p_facts::jsonb #>> '{user,id}', p_facts::jsonb #>> '{user,phone}'];
EXCEPTION WHEN invalid_text_representation OR untranslatable_character THEN
  RETURN '{}';
END $$;
