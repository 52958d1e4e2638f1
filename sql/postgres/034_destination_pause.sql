-- Until when a destination is left alone because its receiver said that it is too much. Apart from the destination, so that writing
-- it down waits for nobody who reads that one; a row whose time is over says nothing.
CREATE TABLE destination_pause (
  account_id bigint NOT NULL,
  destination_id bigint NOT NULL,
  until bigint NOT NULL,
  status bigint NOT NULL, -- what the receiver answered
  asked_ms bigint, -- the wait that it named; null when it named none
  PRIMARY KEY (account_id, destination_id)
);
