-- The keys of the newest receipts, in the order of the receipts: each is written at the end. What is found by key among them is known in
-- memory, and they are moved into seen in the order of the keys, many to a page.
CREATE TABLE seen_lately (
  receipt_id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  key BLOB NOT NULL,
  rank INTEGER NOT NULL
) STRICT;
