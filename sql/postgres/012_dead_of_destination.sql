-- Dead deliveries of one destination: counted, listed and replayed without a look at those of others.
CREATE INDEX delivery_dead_of ON delivery (account_id, destination_id, id) WHERE state = 3;
