"""Databases of earlier versions, brought to this one with all that they hold."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.errors import StoreUnusableError
from storage.models import DeliveryOptions, Rules
from storage.posts import PostStatus
from storage.sqlite import SqliteStore
from storage.sqlite.database import Database
from storage.sqlite.migrating import APPLICATION_ID, Migration, load_migrations
from tests.storage.editorial import claim, load, plan, standing
from tests.support.articles import make_article
from tests.support.clock import START

# As the first release wrote them.
FIRST = """
    INSERT INTO sources (id, name, rank) VALUES (1, 's', 0);
    INSERT INTO documents (id, source_id, key, size, modified_ns, digest, state, article_id,
        published_at, content)
    VALUES (1, 1, '1.md', 1, 1, 'x', 'live', 1, '2026-11-23T12:00:00.000000+00:00',
        '{"title":"Old","url":"https://news.example/9","addresses":["https://news.example/9"],
        "published_at":"2026-11-23T12:00:00Z","topics":["AI"]}');
    INSERT INTO articles VALUES (1, 1, 1, 'c', 'v', '2026-11-23T12:00:00.000000+00:00', 0, 'Old',
        '2026-11-23T12:00:00.000000+00:00', 80, '');
    INSERT INTO subscriptions (id, guild_id, channel_id, created_by, created_at, topics,
        min_quality, max_per_hour)
    VALUES (1, 10, 20, 1, '2026-11-23T12:00:00.000000+00:00', '["AI", "GRÖSSE"]', 70, 30),
        (2, 10, 21, 1, '2026-11-23T12:00:00.000000+00:00', '[]', 60, NULL);
    INSERT INTO posts (id, article_id, subscription_id, guild_id, channel_id, nonce, status,
        catch_up, planned_at, due_at, changed_at, message_id, settled_at, shown_hash)
    VALUES (1, 1, 1, 10, 20, 'n1', 'sent', 0, '2026-11-23T12:00:00.000000+00:00',
        '2026-11-23T12:00:00.000000+00:00', '2026-11-23T12:00:00.000000+00:00', 77,
        '2026-11-23T12:00:00.000000+00:00', 'v'),
        (2, 1, 2, 10, 21, 'n2', 'planned', 0, '2026-11-23T12:00:00.000000+00:00',
        '2026-11-23T12:00:00.000000+00:00', '2026-11-23T12:00:00.000000+00:00', NULL, NULL, NULL);
    INSERT INTO edits (post_id, due_at) VALUES (1, '2026-11-23T12:00:00.000000+00:00');
    UPDATE settings SET value = '1' WHERE name = 'planner_cursor';
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A database of the first version."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(load_migrations()[0].script)
        connection.executescript(FIRST)
        connection.executescript(
            f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1"
        )
    return path


async def test_subscriptions_and_posts_survive(old: Path) -> None:
    """With what they say, their history, their edits and what waits."""
    async with SqliteStore.open(old) as store:
        first, second = await store.list_subscriptions()
        assert first.spec.rules == Rules(topics=("AI", "GRÖSSE"), min_quality=70)
        assert (first.spec.max_per_hour, first.spec.delivery) == (30, DeliveryOptions())
        assert second.spec.rules == Rules(min_quality=60)
        sent = await store.get_post(1)
        assert (sent.status, sent.message_id, sent.told_by) == (PostStatus.SENT, 77, None)
        assert len(await store.post_history(2)) == 1
        (edit,) = await store.due_edits(START, 9, [])
        assert edit.story.article.title == "Old"
        assert (await claim(store)).post.nonce == "n2"
        assert len(await store.post_history(2)) == 2


async def test_the_planner_finds_the_old_subscriptions(old: Path) -> None:
    """By their topics, in any case of the letters; numbers of posts go on."""
    async with SqliteStore.open(old) as store:
        await load(store, make_article(2, topics=("größe",)))
        first, second = (await store.planner_view(9)).subscriptions
        assert (first.id, second.id) == (1, 2)
        await plan(store, (2, first, (1,)))
        assert await standing(store, 2) == [PostStatus.FOLDED]
        assert (await store.get_post(3)).told_by == 1


async def test_migrations_are_numbered_and_gaps_are_allowed(tmp_path: Path) -> None:
    """The number is the version; a later one runs whatever is missing between."""
    path = tmp_path / "a.db"
    first, *_ = load_migrations()
    assert first.version == 1
    later = [Migration(5, "CREATE TABLE five (x);"), Migration(9, "CREATE TABLE nine (x);")]
    async with Database.open(path, [first, later[0]]):
        pass
    async with Database.open(path, [first, *later]) as database, database.read() as connection:
        names = await connection.execute_fetchall("SELECT name FROM sqlite_schema")
        version = await connection.execute_fetchall("PRAGMA user_version")
    assert {"five", "nine"} <= {row[0] for row in names}
    assert [row[0] for row in version] == [9]


async def test_a_migration_that_would_leave_dangling_rows_is_undone(old: Path) -> None:
    """Foreign keys are not enforced while it runs, so they are checked at its end."""
    broken = Migration(2, "DELETE FROM posts;")
    with pytest.raises(StoreUnusableError, match="can't be brought to version 2"):
        async with Database.open(old, [load_migrations()[0], broken]):
            pass
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("SELECT count(*) FROM posts").fetchone() == (2,)
