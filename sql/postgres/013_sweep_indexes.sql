-- What sweeps look for, so that they need not walk over all that is to stay.
CREATE INDEX media_over ON media (created_at) WHERE state IN ('gone', 'erased');
