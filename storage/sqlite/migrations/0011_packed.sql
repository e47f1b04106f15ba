-- The contents of documents are compressed. Copying them would take long in one transaction: see
-- packed_contents.py, which also gives the new table its name.
CREATE TABLE documents_packed (
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
    -- `storage.models.Article` as JSON, compressed by packing.py.
    content         BLOB,
    -- Why the version on disk is not the good one.
    rejected_reason TEXT,
    rejected_line   INTEGER,
    rejected_field  TEXT,
    missing         INTEGER NOT NULL DEFAULT 0,
    UNIQUE (source_id, key)
) STRICT;

DROP INDEX documents_by_article;
DROP INDEX documents_to_compare;
DROP INDEX documents_missing;
DROP INDEX documents_rejected;

CREATE INDEX documents_by_article ON documents_packed (article_id);
-- What a look compares, without the documents' contents between.
CREATE INDEX documents_to_compare ON documents_packed (source_id, key, state, size, modified_ns, digest);
CREATE INDEX documents_missing ON documents_packed (source_id) WHERE missing;
CREATE INDEX documents_rejected ON documents_packed (source_id) WHERE rejected_reason IS NOT NULL;
