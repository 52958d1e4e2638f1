-- What waits to be sent, by when its time is over: it ends then, whatever it waits for.
CREATE INDEX outbound_expiry ON outbound (expires_at, id) WHERE state <= 1 AND leased = 0;
