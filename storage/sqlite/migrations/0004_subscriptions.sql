-- What an admin may ask for: rules of every kind, digests, quiet hours, stories told once.

-- `storage.models.Rules` and `DeliveryOptions` as JSON; what is left out is as it is by default.
ALTER TABLE subscriptions ADD COLUMN rules TEXT NOT NULL DEFAULT '{}';
ALTER TABLE subscriptions ADD COLUMN delivery TEXT NOT NULL DEFAULT '{}';
-- How many stories a digest holds at most; NULL: each story comes by itself.
ALTER TABLE subscriptions ADD COLUMN digest_best INTEGER;
-- Since when it counts as removed; for an hour that can be undone.
ALTER TABLE subscriptions ADD COLUMN removed_at TEXT;
-- Where the planner stood then.
ALTER TABLE subscriptions ADD COLUMN removed_cursor INTEGER;

UPDATE subscriptions SET rules = json_object('topics', json(topics), 'min_quality', min_quality);

-- Who may want a story: by topic in lower case, '' for those that want all.
CREATE TABLE subscription_topics (
    folded          TEXT NOT NULL,
    min_quality     INTEGER NOT NULL,
    subscription_id INTEGER NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    PRIMARY KEY (folded, min_quality, subscription_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX subscription_topics_by_subscription ON subscription_topics (subscription_id);

INSERT INTO subscription_topics (folded, min_quality, subscription_id)
SELECT DISTINCT casefold(t.value), s.min_quality, s.id
FROM subscriptions AS s, json_each(s.topics) AS t;

INSERT INTO subscription_topics (folded, min_quality, subscription_id)
SELECT '', min_quality, id FROM subscriptions WHERE json_array_length(topics) = 0;

ALTER TABLE subscriptions DROP COLUMN topics;
ALTER TABLE subscriptions DROP COLUMN min_quality;

CREATE INDEX subscription_seen_by_article ON subscription_seen (article_id);

-- When a post of it was last planned.
ALTER TABLE articles ADD COLUMN told_at TEXT;

UPDATE articles SET told_at = (SELECT max(planned_at) FROM posts WHERE article_id = articles.id);

CREATE INDEX articles_told ON articles (told_at) WHERE told_at IS NOT NULL;

CREATE TABLE new_posts (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id      INTEGER NOT NULL REFERENCES articles (id),
    subscription_id INTEGER REFERENCES subscriptions (id) ON DELETE SET NULL,
    guild_id        INTEGER NOT NULL,
    channel_id      INTEGER NOT NULL,
    nonce           TEXT NOT NULL UNIQUE,
    status          TEXT NOT NULL CHECK (
        status IN ('planned', 'claimed', 'retry', 'sent', 'skipped', 'failed', 'uncertain', 'folded')
    ),
    catch_up        INTEGER NOT NULL,
    planned_at      TEXT NOT NULL,
    due_at          TEXT NOT NULL,
    changed_at      TEXT NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    claimed_at      TEXT,
    unknown_since   TEXT,
    settled_at      TEXT,
    message_id      INTEGER,
    -- `articles.visible_hash` as the message tells it.
    shown_hash      TEXT,
    reason          TEXT,
    -- An operator decided, or a digest had better stories: nothing plans it anew.
    final           INTEGER NOT NULL DEFAULT 0,
    -- The post whose message tells this story, too: what it is folded into, or its digest's first.
    told_by         INTEGER REFERENCES posts (id),
    -- Its place in a digest, from 1; NULL: told by itself.
    place           INTEGER,
    -- A story goes to a channel once, ever.
    UNIQUE (article_id, channel_id)
) STRICT;

INSERT INTO new_posts
SELECT id, article_id, subscription_id, guild_id, channel_id, nonce, status, catch_up, planned_at,
    due_at, changed_at, attempts, claimed_at, unknown_since, settled_at, message_id, shown_hash,
    reason, final, NULL, NULL
FROM posts;

DROP TABLE posts;

ALTER TABLE new_posts RENAME TO posts;

CREATE INDEX posts_waiting ON posts (channel_id, due_at)
WHERE status IN ('planned', 'retry') AND told_by IS NULL;

CREATE INDEX posts_due ON posts (due_at) WHERE status IN ('planned', 'retry') AND told_by IS NULL;

CREATE INDEX posts_claimed ON posts (id) WHERE status = 'claimed';

-- How many stories a subscription got in the last hour.
CREATE INDEX posts_by_subscription ON posts (subscription_id, status, settled_at);

CREATE INDEX posts_by_teller ON posts (told_by) WHERE told_by IS NOT NULL;

CREATE TRIGGER posts_begin AFTER INSERT ON posts BEGIN
    INSERT INTO post_history (post_id, at, status) VALUES (new.id, new.changed_at, new.status);
END;

CREATE TRIGGER posts_go_on AFTER UPDATE OF status ON posts BEGIN
    INSERT INTO post_history (post_id, at, status, reason)
    VALUES (new.id, new.changed_at, new.status, new.reason);
END;

-- Roles whose members may do what admins do.
CREATE TABLE access_roles (
    guild_id INTEGER NOT NULL,
    role_id  INTEGER NOT NULL,
    PRIMARY KEY (guild_id, role_id)
) STRICT, WITHOUT ROWID;

-- What an admin is about to save: an editor's state as JSON.
CREATE TABLE drafts (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    user_id  INTEGER NOT NULL,
    saved_at TEXT NOT NULL,
    content  TEXT NOT NULL
) STRICT;

-- Counts what makes the planner look again: a subscription that is new, changed or back.
INSERT INTO settings (name, value) VALUES ('subscriptions_changed', '0');
