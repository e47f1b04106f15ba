-- Where a message is, how it looks, and what is done with it after it was sent.

-- The thread that a forum's message opened; NULL: the message is in the channel itself.
ALTER TABLE posts ADD COLUMN thread_id INTEGER;
-- The look that the message was sent with; NULL: a card.
ALTER TABLE posts ADD COLUMN look TEXT;

-- What is done with a message after it was sent: bot/announce/follow_ups.py.
CREATE TABLE follow_ups (
    post_id    INTEGER NOT NULL REFERENCES posts (id),
    action     TEXT NOT NULL CHECK (action IN ('publish', 'discuss')),
    channel_id INTEGER NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('waiting', 'done', 'failed', 'skipped')),
    due_at     TEXT NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    changed_at TEXT NOT NULL,
    reason     TEXT,
    PRIMARY KEY (post_id, action)
) STRICT, WITHOUT ROWID;

CREATE INDEX follow_ups_waiting ON follow_ups (channel_id, due_at) WHERE status = 'waiting';
-- How many messages of a channel were published within the last hour.
CREATE INDEX follow_ups_done ON follow_ups (channel_id, changed_at) WHERE status = 'done';
