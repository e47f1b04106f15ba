-- Where a message is, how it looks, and what is done with it after it was sent.

-- The thread that a forum's message opened; NULL: the message is in the channel itself.
ALTER TABLE posts ADD COLUMN thread_id INTEGER;
ALTER TABLE announced_addresses ADD COLUMN thread_id INTEGER;
-- The look that the message was sent with; NULL: a card.
ALTER TABLE posts ADD COLUMN look TEXT;
ALTER TABLE announced_addresses ADD COLUMN look TEXT;
-- The follow-ups that the message had, separated by commas; NULL: none.
ALTER TABLE announced_addresses ADD COLUMN done TEXT;

-- What is done with a message after it was sent: bot/announce/follow_ups.py. `sent_at` is about when
-- that was; `tried_at` is when Discord last did it, or may have done it, and counts towards its limit.
CREATE TABLE follow_ups (
    post_id    INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    action     TEXT NOT NULL CHECK (action IN ('publish', 'discuss')),
    channel_id INTEGER NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('waiting', 'done', 'failed', 'skipped')),
    sent_at    TEXT NOT NULL,
    due_at     TEXT NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    tried_at   TEXT,
    changed_at TEXT NOT NULL,
    reason     TEXT,
    PRIMARY KEY (post_id, action)
) STRICT, WITHOUT ROWID;

CREATE INDEX follow_ups_waiting ON follow_ups (channel_id, due_at) WHERE status = 'waiting';
CREATE INDEX follow_ups_tried ON follow_ups (channel_id, tried_at) WHERE tried_at IS NOT NULL;
