-- Reasons are codes with parameters as JSON (`storage.reasons.encode_reason`), no longer sentences.
-- `legacy_reason` maps a sentence to its code; the post is the one that the sentence refers to.

-- History first: a step that folded the post names the host only while both still agree.
UPDATE post_history SET reason = legacy_reason(reason, status, (
    SELECT p.told_by FROM posts AS p
    WHERE p.id = post_history.post_id AND p.status = 'folded' AND p.reason = post_history.reason
)) WHERE reason IS NOT NULL;

UPDATE posts SET reason = legacy_reason(reason, status, told_by) WHERE reason IS NOT NULL;

UPDATE subscriptions SET paused_reason = legacy_reason(paused_reason, NULL, NULL)
WHERE paused_reason IS NOT NULL;

-- The last notice to a server's admins about a channel that can't be posted in.
CREATE TABLE notices (
    channel_id             INTEGER PRIMARY KEY,
    newest_subscription_id INTEGER NOT NULL,
    -- A reason as JSON.
    cause                  TEXT NOT NULL
) STRICT;

-- They were settings: notice:<channel> with '<newest subscription> <cause>', or '' for none.
INSERT INTO notices (channel_id, newest_subscription_id, cause)
SELECT CAST(substr(name, 8) AS INTEGER), CAST(value AS INTEGER),
    legacy_notice(substr(value, instr(value, ' ') + 1))
FROM settings WHERE name GLOB 'notice:*' AND value != '';

DELETE FROM settings WHERE name GLOB 'notice:*';

-- The channels that the bot paused are looked at now and then; there are few of them.
CREATE INDEX subscriptions_paused ON subscriptions (paused_by, channel_id)
WHERE paused_by IS NOT NULL;
