-- Foreign keys are checked from both sides: without it, a document that is written while a new
-- article still waits for its document (`articles.document_id`) reads all articles.
CREATE INDEX articles_by_document ON articles (document_id);

-- Stands for all that the source held when nothing in it was new; NULL: not known.
ALTER TABLE sources ADD COLUMN holdings TEXT;

-- What a look compares, without the documents' contents between.
CREATE INDEX documents_to_compare ON documents (source_id, key, state, size, modified_ns, digest);
