-- What sweeps look for, so that they need not walk over all that is to stay.
CREATE INDEX unrouted_age ON unrouted (raw_event_id);
CREATE INDEX media_over ON media (created_at) WHERE state IN ('gone', 'erased');
