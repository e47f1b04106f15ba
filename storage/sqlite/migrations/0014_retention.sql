-- Articles are deleted, and foreign keys are checked from both sides.
CREATE INDEX related_stories_by_other ON related_stories (other_id);
