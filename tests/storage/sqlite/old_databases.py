"""Databases of earlier versions of the program.

`fixtures/schema_N.sql` is an empty database of that version, and `fixtures/version_N.sql` contains
the rows, both written by the code of that version. All databases have the same data up to post 14;
versions from 4 on add their new features: rules of every kind, digests, folding, pauses by admins,
removals, drafts.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from storage.models import Article
from storage.sqlite.codec import encode_article, encode_time, hash_content, hash_visible
from storage.sqlite.database import Database
from storage.sqlite.migrating import load_migrations
from tests.support.clock import START

_FIXTURES = Path(__file__).parent / "fixtures"
# Of `build_archive`: the last version that did not compress contents.
ARCHIVE_VERSION = 10
VERSIONS = sorted(
    int(file.stem.removeprefix("version_")) for file in _FIXTURES.glob("version_*.sql")
)


async def build_old_database(path: Path, version: int, rows: Path | None = None) -> None:
    """Create a database of an earlier version, with the rows in the fixture or in another file."""
    scripts = (
        _FIXTURES / f"schema_{version}.sql",
        rows or _FIXTURES / f"version_{version}.sql",
    )
    with closing(sqlite3.connect(path)) as connection:
        for script in scripts:
            connection.executescript(script.read_text(encoding="utf-8"))


async def build_archive(path: Path, articles: Sequence[Article]) -> None:
    """Create a database of version 10 with a document for each article, numbered from 1.

    Every second story was posted to one channel, of subscription 1, and all were decided about.
    """
    migrations = [each for each in load_migrations() if each.version <= ARCHIVE_VERSION]
    async with Database.open(path, migrations):
        pass
    now = encode_time(START)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO sources (id, name, rank) VALUES (1, 's', 0)")
        connection.execute(
            "INSERT INTO subscriptions (id, guild_id, channel_id, created_by, created_at, rules,"
            " delivery) VALUES (1, 10, 20, 7, ?, '{}', '{}')",
            (now,),
        )
        connection.execute("INSERT INTO subscription_topics VALUES ('', 0, 1)")
        topics: dict[str, int] = {}
        for number, article in enumerate(articles, start=1):
            _insert_story(connection, number, article, topics)
            if number % 2:
                _insert_post(connection, number, hash_visible(article))
        connection.execute(
            "UPDATE settings SET value = ? WHERE name = 'planner_cursor'", (str(len(articles)),)
        )
        connection.commit()


def _insert_story(
    connection: sqlite3.Connection, number: int, article: Article, topics: dict[str, int]
) -> None:
    now, published = encode_time(START), encode_time(article.published_at)
    content = encode_article(article)
    provider = article.provider.name if article.provider else ""
    connection.execute(
        "INSERT INTO documents (id, source_id, key, size, modified_ns, digest, state, article_id,"
        " published_at, content) VALUES (?, 1, ?, 1, 1, ?, 'live', ?, ?, ?)",
        (number, f"{number}.md", hash_content(content), number, published, content.decode()),
    )
    connection.execute(
        "INSERT INTO articles (id, revision, document_id, content_hash, visible_hash,"
        " first_seen_at, withdrawn, title, dated_at, quality, provider, last_planned_at)"
        " VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)",
        (
            *(number, number, number, hash_content(content), hash_visible(article), now),
            *(article.title, min(now, published), article.quality, provider),
            now if number % 2 else None,
        ),
    )
    connection.executemany(
        "INSERT INTO addresses VALUES (?, ?)", [(each, number) for each in article.addresses]
    )
    for topic in article.topics:
        if topic not in topics:
            topics[topic] = len(topics) + 1
            row = (topics[topic], topic, topic.casefold())
            connection.execute("INSERT INTO topics (id, name, folded) VALUES (?, ?, ?)", row)
        connection.execute("INSERT INTO article_topics VALUES (?, ?)", (topics[topic], number))
    connection.execute(
        "INSERT INTO articles_fts (rowid, title, excerpt, provider, topics, related)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            *(number, article.title, article.excerpt, provider, " ".join(article.topics)),
            " ".join(each.title for each in article.related),
        ),
    )


def _insert_post(connection: sqlite3.Connection, number: int, shown: str) -> None:
    now = encode_time(START)
    message = (int(START.timestamp() * 1000) - 1420070400000 << 22) + number
    connection.execute(
        "INSERT INTO posts (id, article_id, subscription_id, guild_id, channel_id, nonce, status,"
        " catch_up, planned_at, due_at, changed_at, attempts, claimed_at, settled_at, message_id,"
        " shown_hash) VALUES (?, ?, 1, 10, 20, ?, 'sent', 0, ?, ?, ?, 1, ?, ?, ?, ?)",
        (number, number, f"{number:024x}", *[now] * 5, message, shown),
    )
    connection.executemany(
        "INSERT INTO post_history (post_id, at, status) VALUES (?, ?, ?)",
        [(number, now, status) for status in ("planned", "claimed", "sent")],
    )
