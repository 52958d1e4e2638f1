-- What is kept apart is found by its time once that is over. (The embedded store reads JSON of many rows at once in few places, which
-- look whether it is some.)
CREATE INDEX unreadable_at ON unreadable (at);
