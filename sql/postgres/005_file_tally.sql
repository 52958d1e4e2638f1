-- How many bytes of files each account has stored, media and uploads: the sum of what each change of one made of it, so that nobody waits
-- for a row. What keeps tallies of queues short adds the rows up.
CREATE TABLE file_tally (
  account_id bigint NOT NULL,
  bytes bigint NOT NULL
);

CREATE INDEX file_tally_account ON file_tally (account_id);

INSERT INTO file_tally (account_id, bytes)
  SELECT account_id, sum(bytes) FROM (
    SELECT account_id, bytes FROM media WHERE state = 'stored' AND bytes IS NOT NULL
    UNION ALL SELECT account_id, bytes FROM upload) f GROUP BY account_id;

-- A file of a user is stored once it has been fetched, and gone with its erasure.
CREATE FUNCTION tally_media() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO file_tally (account_id, bytes)
    VALUES (OLD.account_id, CASE WHEN TG_OP = 'UPDATE' AND NEW.state = 'stored' THEN coalesce(NEW.bytes, 0) ELSE 0 END
      - CASE WHEN OLD.state = 'stored' THEN coalesce(OLD.bytes, 0) ELSE 0 END);
  RETURN NULL;
END $$;

CREATE TRIGGER media_tallied AFTER UPDATE OF state, bytes ON media
  FOR EACH ROW WHEN (OLD.state = 'stored' OR NEW.state = 'stored') EXECUTE FUNCTION tally_media();
CREATE TRIGGER media_untallied AFTER DELETE ON media
  FOR EACH ROW WHEN (OLD.state = 'stored') EXECUTE FUNCTION tally_media();

CREATE FUNCTION tally_upload() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO file_tally (account_id, bytes)
    VALUES (CASE WHEN TG_OP = 'DELETE' THEN OLD.account_id ELSE NEW.account_id END,
      CASE WHEN TG_OP = 'DELETE' THEN 0 ELSE NEW.bytes END - CASE WHEN TG_OP = 'INSERT' THEN 0 ELSE OLD.bytes END);
  RETURN NULL;
END $$;

CREATE TRIGGER upload_tallied AFTER INSERT OR DELETE OR UPDATE OF bytes ON upload
  FOR EACH ROW EXECUTE FUNCTION tally_upload();
