-- What an account, and a key of one, may use: a JSON object of requestsPerSecond, queuedMessages and storedBytes; what is not in it was not set.
ALTER TABLE account ADD COLUMN limits text NOT NULL DEFAULT '{}';
ALTER TABLE access_key ADD COLUMN limits text NOT NULL DEFAULT '{}';
