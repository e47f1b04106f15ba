-- Stories about different events of which one lists the other as related coverage, in both directions.
CREATE TABLE related_stories (
    article_id INTEGER NOT NULL REFERENCES articles (id),
    other_id INTEGER NOT NULL REFERENCES articles (id),
    PRIMARY KEY (article_id, other_id)
) WITHOUT ROWID;
