-- What becomes of posts is decided by `bot.announce.post_states`; the database only holds it.

DROP TRIGGER posts_begin;

DROP TRIGGER posts_go_on;

ALTER TABLE posts RENAME COLUMN told_by TO lead_post_id;

-- The bot deleted the message, as its stories were withdrawn.
ALTER TABLE posts ADD COLUMN message_removed INTEGER NOT NULL DEFAULT 0;

UPDATE posts SET message_removed = 1 WHERE shown_hash = 'deleted';

-- NULL: what the message shows is not known.
UPDATE posts SET shown_hash = NULL WHERE shown_hash IN ('deleted', 'unknown', 'bare');

-- It is not out, and the planner may plan the story for the channel again in place of this post.
ALTER TABLE posts ADD COLUMN replaceable INTEGER NOT NULL DEFAULT 0;

UPDATE posts SET replaceable = 1
WHERE status = 'skipped' AND unknown_since IS NULL AND NOT final
OR status IN ('planned', 'retry') AND unknown_since IS NULL AND lead_post_id IS NULL AND EXISTS (
    SELECT 1 FROM subscriptions AS s
    WHERE s.id = posts.subscription_id AND (s.removed_at IS NOT NULL OR s.paused_by = 'admin')
);

ALTER TABLE posts DROP COLUMN final;

DROP INDEX articles_told;

ALTER TABLE articles RENAME COLUMN told_at TO last_planned_at;

CREATE INDEX articles_planned ON articles (last_planned_at) WHERE last_planned_at IS NOT NULL;
