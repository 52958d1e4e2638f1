-- When a portal link was last used; null when it never was.
ALTER TABLE portal_link ADD COLUMN used_at INTEGER;
