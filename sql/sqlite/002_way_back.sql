-- By what a user comes back who lost his app, or his password.
ALTER TABLE console_user ADD COLUMN recovery_codes TEXT NOT NULL DEFAULT '[]'; -- hashes of those that are left, as a JSON array
ALTER TABLE console_user ADD COLUMN password_ends_at INTEGER; -- of a password for one sign-in: until when; null of any other
