-- The messages of an account, newest first, without a look at those of others. Without it a listing sorted all that the account has.
CREATE INDEX outbound_account ON outbound (account_id, id);
