-- What a start on a restored backup read in the channels: bot/announce/recovery.py.

-- `backup` is the time of the backup; `problem` says why the history could not be read completely.
CREATE TABLE recovered_channels (
    channel_id   INTEGER PRIMARY KEY,
    backup       TEXT NOT NULL,
    recovered_at TEXT NOT NULL,
    messages     INTEGER NOT NULL,
    problem      TEXT
) STRICT;

-- The stories of these messages, by their normalised addresses.
CREATE TABLE announced_addresses (
    channel_id INTEGER NOT NULL,
    address    TEXT NOT NULL,
    message_id INTEGER NOT NULL,
    sent_at    TEXT NOT NULL,
    place      TEXT NOT NULL CHECK (place IN ('story', 'digest', 'coverage')),
    PRIMARY KEY (channel_id, address)
) STRICT, WITHOUT ROWID;

CREATE INDEX addresses_by_article ON addresses (article_id);
