-- Media are fetched in turn, account by account and channel by channel: the first of each is found without those behind it.
CREATE INDEX media_account_due ON media (account_id, due_at) WHERE state = 'pending';
CREATE INDEX media_channel_due ON media (account_id, channel_id, due_at) WHERE state = 'pending';
