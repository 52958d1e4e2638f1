-- Deliveries that wait or are blocked, by age: listed without a look at the many that are over.
CREATE INDEX delivery_open ON delivery (account_id, id) WHERE state <= 1;
