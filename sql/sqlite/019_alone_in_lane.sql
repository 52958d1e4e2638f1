-- Where a delivery is the only one of its lane that is not over, laned is 2: it stays out of the index of lanes, each place of which is a page
-- of its own, and the process that owns the file knows of it. A start finds them all in one index.
DROP INDEX delivery_open;
CREATE INDEX delivery_open ON delivery (account_id, id, laned) WHERE state <= 1;
