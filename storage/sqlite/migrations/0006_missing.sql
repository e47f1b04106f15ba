-- Not seen at the last look, but still waited for.
ALTER TABLE documents ADD COLUMN missing INTEGER NOT NULL DEFAULT 0;

CREATE INDEX documents_missing ON documents (source_id) WHERE missing;
