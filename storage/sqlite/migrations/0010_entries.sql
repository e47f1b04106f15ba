-- What existed when a source was first read is archive, whenever it turns up.

-- `storage.models.ArchiveBounds`.
ALTER TABLE sources ADD COLUMN archive_before TEXT;

ALTER TABLE sources ADD COLUMN archive_complete INTEGER NOT NULL DEFAULT 0;

-- What the last complete reading noticed: `storage.models.SourceFindings` as JSON.
ALTER TABLE sources ADD COLUMN findings TEXT;

-- Earlier versions merged entries that this one keeps apart. Those that were published before the
-- last reading by an earlier version are not news; nor are those without a date that the next one
-- finds, so the archive counts as incomplete.
UPDATE sources SET archive_before = coalesce(last_success_at, last_run_at)
WHERE settings IS NOT NULL;

CREATE INDEX documents_rejected ON documents (source_id) WHERE rejected_reason IS NOT NULL;
