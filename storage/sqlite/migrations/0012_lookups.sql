-- What lookups read. It follows from the documents, and the step "lookups" fills it.

DROP TABLE articles_fts;

DROP TABLE article_topics;

DROP INDEX articles_by_date;

DROP INDEX articles_by_quality;

ALTER TABLE articles DROP COLUMN title;

ALTER TABLE articles DROP COLUMN provider;

ALTER TABLE articles DROP COLUMN dated_at;

-- Microseconds since 1970 in UTC.
ALTER TABLE articles ADD COLUMN dated_at INTEGER NOT NULL DEFAULT 0;

ALTER TABLE articles ADD COLUMN heat INTEGER NOT NULL DEFAULT -1;

ALTER TABLE articles ADD COLUMN provider_id INTEGER;

-- 0: stories of the operator's sources.
ALTER TABLE articles ADD COLUMN scope INTEGER NOT NULL DEFAULT 0;

-- Each has all columns that lists compare.
CREATE INDEX articles_by_date ON articles (scope, dated_at, id, quality, heat, withdrawn)
WHERE withdrawn = 0;

CREATE INDEX articles_by_quality ON articles (scope, quality, dated_at, id, withdrawn) WHERE withdrawn = 0;

CREATE TABLE providers (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    folded TEXT NOT NULL UNIQUE
) STRICT;

-- Stories that are not withdrawn, only; with copies of what lists compare.
CREATE TABLE article_topics (
    scope      INTEGER NOT NULL,
    topic_id   INTEGER NOT NULL REFERENCES topics (id),
    dated_at   INTEGER NOT NULL,
    article_id INTEGER NOT NULL REFERENCES articles (id),
    quality    INTEGER NOT NULL,
    heat       INTEGER NOT NULL,
    PRIMARY KEY (scope, topic_id, dated_at, article_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX article_topics_by_quality
ON article_topics (scope, topic_id, quality, dated_at, article_id);

CREATE INDEX article_topics_by_article ON article_topics (article_id);

-- How many stories a topic or provider has, and all (kind 'story', id 0); without those of no story.
CREATE TABLE name_counts (
    scope   INTEGER NOT NULL,
    kind    TEXT NOT NULL CHECK (kind IN ('story', 'topic', 'provider')),
    id      INTEGER NOT NULL,
    folded  TEXT NOT NULL,
    stories INTEGER NOT NULL,
    PRIMARY KEY (scope, kind, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX name_counts_by_size ON name_counts (scope, kind, stories DESC, folded);

-- Each name from each of its words to its end, folded: "computer vision" and "vision".
CREATE TABLE name_words (
    kind   TEXT NOT NULL CHECK (kind IN ('topic', 'provider')),
    words  TEXT NOT NULL,
    id     INTEGER NOT NULL,
    -- The number of words before.
    place  INTEGER NOT NULL,
    PRIMARY KEY (kind, words, id)
) STRICT, WITHOUT ROWID;

-- In how many stories a word occurs, and in how many titles as it is written.
CREATE TABLE search_words (
    word    TEXT PRIMARY KEY,
    stories INTEGER NOT NULL,
    titles  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Stories that are not withdrawn, only, as text that storage.search prepares, compressed by
-- search_texts.py. The id is the day of the story (since 1970), times 2^31, plus the article's id.
CREATE TABLE search_texts (
    id    INTEGER PRIMARY KEY,
    texts BLOB NOT NULL
) STRICT;

-- The index of these texts. It has no copy of them, and finds beginnings of words by search_words.
CREATE VIRTUAL TABLE articles_fts USING fts5 (
    title, body, names, related, filters,
    content = '', columnsize = 0, tokenize = 'ascii'
);
