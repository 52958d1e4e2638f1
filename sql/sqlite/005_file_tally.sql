-- How many bytes of files each account has stored, media and uploads, kept by the triggers: a sum over all of them takes longer the more there are.
CREATE TABLE file_tally (
  account_id INTEGER PRIMARY KEY,
  bytes INTEGER NOT NULL
) STRICT;

INSERT INTO file_tally (account_id, bytes)
  SELECT account_id, sum(bytes) FROM (
    SELECT account_id, bytes FROM media WHERE state = 'stored' AND bytes IS NOT NULL
    UNION ALL SELECT account_id, bytes FROM upload) GROUP BY account_id;

-- A file of a user is stored once it has been fetched, and gone with its erasure.
CREATE TRIGGER media_tallied AFTER UPDATE OF state, bytes ON media WHEN OLD.state = 'stored' OR NEW.state = 'stored' BEGIN
  INSERT INTO file_tally (account_id, bytes)
    VALUES (NEW.account_id, iif(NEW.state = 'stored', coalesce(NEW.bytes, 0), 0) - iif(OLD.state = 'stored', coalesce(OLD.bytes, 0), 0))
    ON CONFLICT (account_id) DO UPDATE SET bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER media_untallied AFTER DELETE ON media WHEN OLD.state = 'stored' BEGIN
  UPDATE file_tally SET bytes = bytes - coalesce(OLD.bytes, 0) WHERE account_id = OLD.account_id;
END;

CREATE TRIGGER upload_tallied AFTER INSERT ON upload BEGIN
  INSERT INTO file_tally (account_id, bytes) VALUES (NEW.account_id, NEW.bytes)
    ON CONFLICT (account_id) DO UPDATE SET bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER upload_retallied AFTER UPDATE OF bytes ON upload BEGIN
  UPDATE file_tally SET bytes = bytes + NEW.bytes - OLD.bytes WHERE account_id = NEW.account_id;
END;

CREATE TRIGGER upload_untallied AFTER DELETE ON upload BEGIN
  UPDATE file_tally SET bytes = bytes - OLD.bytes WHERE account_id = OLD.account_id;
END;
