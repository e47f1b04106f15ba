-- Told by nothing but the first reading of a feed: it was there before, and is no news.
ALTER TABLE articles ADD COLUMN archive INTEGER NOT NULL DEFAULT 0;
