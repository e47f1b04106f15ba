-- When each source was last looked at and last read, and what was wrong the last time.
ALTER TABLE sources ADD COLUMN last_run_at TEXT;
ALTER TABLE sources ADD COLUMN last_success_at TEXT;
ALTER TABLE sources ADD COLUMN last_error TEXT;
