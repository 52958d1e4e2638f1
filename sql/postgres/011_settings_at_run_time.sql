-- When a user did anything here last, to about a minute.
ALTER TABLE console_user ADD COLUMN used_at bigint;

-- Settings of the service that somebody set while it ran, in the words of the settings file.
CREATE TABLE setting (
  key text PRIMARY KEY,
  value text NOT NULL,
  set_at bigint NOT NULL,
  set_by text NOT NULL -- as an actor of a change
);
