-- What told first of something that is not over, so that people see since when it is on.
ALTER TABLE notice_standing ADD COLUMN first_id INTEGER NOT NULL DEFAULT 0;
UPDATE notice_standing SET first_id = notice_id;
