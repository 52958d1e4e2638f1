-- Users who sign in by the company's provider: whom it says they are. Both null for those with a password here.
ALTER TABLE console_user ADD COLUMN issuer text;
ALTER TABLE console_user ADD COLUMN subject text; -- the provider's own id of a person, never an e-mail address

CREATE UNIQUE INDEX console_user_identity ON console_user (account_id, issuer, subject) WHERE issuer IS NOT NULL;
