-- Times are ISO 8601 in UTC with microseconds, so that they sort as text.

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sources (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    rank     INTEGER NOT NULL,
    -- Digest of the settings under which the whole source was last read; NULL: never.
    settings TEXT
) STRICT;

CREATE TABLE articles (
    id            INTEGER PRIMARY KEY,
    revision      INTEGER NOT NULL UNIQUE,
    -- The document that is shown; a withdrawn article keeps its last one.
    document_id   INTEGER NOT NULL REFERENCES documents (id) DEFERRABLE INITIALLY DEFERRED,
    content_hash  TEXT NOT NULL,
    -- Digest of what a reader sees of it; 'withdrawn' when it is.
    visible_hash  TEXT NOT NULL,
    first_seen_at TEXT NOT NULL,
    withdrawn     INTEGER NOT NULL,
    -- Copies of what lookups filter and sort by.
    title         TEXT NOT NULL,
    dated_at      TEXT NOT NULL,
    quality       INTEGER NOT NULL,
    provider      TEXT NOT NULL
) STRICT;

CREATE INDEX articles_by_date ON articles (dated_at) WHERE NOT withdrawn;
CREATE INDEX articles_by_quality ON articles (quality, dated_at) WHERE NOT withdrawn;

CREATE TABLE documents (
    id              INTEGER PRIMARY KEY,
    source_id       INTEGER NOT NULL REFERENCES sources (id),
    key             TEXT NOT NULL,
    size            INTEGER NOT NULL,
    modified_ns     INTEGER NOT NULL,
    digest          TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('live', 'draft', 'rejected', 'gone')),
    -- The last good version.
    article_id      INTEGER REFERENCES articles (id),
    published_at    TEXT,
    content         TEXT,
    -- Why the version on disk is not the good one.
    rejected_reason TEXT,
    rejected_line   INTEGER,
    rejected_field  TEXT,
    UNIQUE (source_id, key)
) STRICT;

CREATE INDEX documents_by_article ON documents (article_id);

CREATE TABLE addresses (
    address    TEXT PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE topics (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    folded TEXT NOT NULL UNIQUE
) STRICT;

-- Stories that are not withdrawn, only.
CREATE TABLE article_topics (
    topic_id   INTEGER NOT NULL REFERENCES topics (id),
    article_id INTEGER NOT NULL REFERENCES articles (id),
    PRIMARY KEY (topic_id, article_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX article_topics_by_article ON article_topics (article_id);

-- Stories that are not withdrawn, only; rowid is the article's id.
CREATE VIRTUAL TABLE articles_fts USING fts5 (
    title, excerpt, provider, topics, related,
    tokenize = 'unicode61 remove_diacritics 2',
    prefix = '2 3'
);

CREATE TABLE subscriptions (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id      INTEGER NOT NULL,
    channel_id    INTEGER NOT NULL,
    created_by    INTEGER NOT NULL,
    created_at    TEXT NOT NULL,
    topics        TEXT NOT NULL,
    min_quality   INTEGER NOT NULL,
    -- NULL: no cap.
    max_per_hour  INTEGER,
    fresh_after   TEXT,
    paused_by     TEXT CHECK (paused_by IN ('admin', 'bot')),
    paused_reason TEXT,
    -- Since when the bot is no longer in the server.
    left_at       TEXT
) STRICT;

CREATE INDEX subscriptions_by_channel ON subscriptions (channel_id);
CREATE INDEX subscriptions_by_guild ON subscriptions (guild_id);

-- Stories that met a subscription's rules when it was made: no news to it.
CREATE TABLE subscription_seen (
    subscription_id INTEGER NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    article_id      INTEGER NOT NULL REFERENCES articles (id),
    PRIMARY KEY (subscription_id, article_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE posts (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id      INTEGER NOT NULL REFERENCES articles (id),
    subscription_id INTEGER REFERENCES subscriptions (id) ON DELETE SET NULL,
    guild_id        INTEGER NOT NULL,
    channel_id      INTEGER NOT NULL,
    nonce           TEXT NOT NULL UNIQUE,
    status          TEXT NOT NULL CHECK (
        status IN ('planned', 'claimed', 'retry', 'sent', 'skipped', 'failed', 'uncertain')
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
    -- An operator decided: nothing plans it anew.
    final           INTEGER NOT NULL DEFAULT 0,
    -- A story goes to a channel once, ever.
    UNIQUE (article_id, channel_id)
) STRICT;

CREATE INDEX posts_waiting ON posts (channel_id, due_at) WHERE status IN ('planned', 'retry');
CREATE INDEX posts_claimed ON posts (id) WHERE status = 'claimed';
-- How many stories a subscription got in the last hour.
CREATE INDEX posts_by_subscription ON posts (subscription_id, status, settled_at);

-- What became of each post, step by step.
CREATE TABLE post_history (
    id      INTEGER PRIMARY KEY,
    post_id INTEGER NOT NULL REFERENCES posts (id),
    at      TEXT NOT NULL,
    status  TEXT NOT NULL,
    reason  TEXT
) STRICT;

CREATE INDEX post_history_by_post ON post_history (post_id);

CREATE TRIGGER posts_begin AFTER INSERT ON posts BEGIN
    INSERT INTO post_history (post_id, at, status) VALUES (new.id, new.changed_at, new.status);
END;

CREATE TRIGGER posts_go_on AFTER UPDATE OF status ON posts BEGIN
    INSERT INTO post_history (post_id, at, status, reason)
    VALUES (new.id, new.changed_at, new.status, new.reason);
END;

-- Messages that are to show their story as it is now. Doing it twice does no harm.
CREATE TABLE edits (
    post_id  INTEGER PRIMARY KEY REFERENCES posts (id),
    due_at   TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX edits_waiting ON edits (due_at);

INSERT INTO settings (name, value) VALUES ('planner_cursor', '0');
