-- The paused channels are looked at now and then; there are few of them.
CREATE INDEX subscriptions_paused ON subscriptions (paused_by, channel_id)
WHERE paused_by IS NOT NULL;
