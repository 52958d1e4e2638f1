-- What a notice speaks of and what checks found, as JSON, so that it can be told in another language than its text.
ALTER TABLE notice ADD COLUMN params TEXT NOT NULL DEFAULT '{}';
ALTER TABLE notice ADD COLUMN findings TEXT NOT NULL DEFAULT '[]';
