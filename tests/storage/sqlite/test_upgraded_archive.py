"""Upgrading a database with many stories, some of which were posted."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import aiosqlite
import pytest

from bot.app import run_bot
from bot.clock import SystemClock
from bot.config.settings import Settings
from storage.models import Article, Image, Provider, RelatedArticle, StoryQuery
from storage.open import inspect_store, open_store
from storage.posts import PostStatus
from storage.protocols import Store
from storage.sqlite.database import Database
from storage.sqlite.migrating import load_migrations
from storage.sqlite.migrations.packed_contents import PACKED_CONTENTS
from storage.sqlite.upgrade_steps import Batch
from storage.sqlite.upgrades import STEPS
from tests.announce.newsroom import Newsroom
from tests.storage.sqlite.old_databases import build_archive
from tests.support.articles import make_article, make_documents
from tests.support.clock import START, FakeClock
from tests.support.database import DAMAGE, damage, query

# More than a batch.
STORIES = 600


def make_articles() -> Iterator[Article]:
    """Different articles with everything that an article may have."""
    for number in range(1, STORIES + 1):
        yield make_article(
            number,
            title=f"Story {number}: “Größe” 🛰",
            published_at=START - timedelta(minutes=number),
            quality=number % 190,
            heat=number % 200 - 1,
            topics=("AI", f"Topic {number % 9}"),
            images=(Image(f"https://news.example/{number}.png", 640, 480),) * (number % 2),
            related=(
                RelatedArticle(
                    f"Other {number}",
                    f"https://other.example/{number}",
                    "An excerpt.",
                    START,
                    provider=Provider("Harbor Herald", "other.example"),
                ),
            )
            * (number % 3),
            language=(None, "de", "ja")[number % 3],
        )


ARTICLES = list(make_articles())


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of version 10."""
    path = tmp_path_factory.mktemp("archive") / "old.db"
    asyncio.run(build_archive(path, ARTICLES))
    return path


@pytest.fixture
def old(archive: Path, tmp_path: Path) -> Path:
    """A copy of the database."""
    path = tmp_path / "old.db"
    path.write_bytes(archive.read_bytes())
    return path


async def assert_unchanged(store: Store) -> None:
    """Every story has its revision and its article."""
    for number, article in enumerate(ARTICLES, start=1):
        story = await store.get_story(number)
        assert (story.revision, story.article) == (number, article)


async def test_nothing_is_announced_after_an_upgrade(old: Path) -> None:
    """Nothing is planned, sent or edited, even when the source is read again."""
    async with open_store(old) as store:
        await assert_unchanged(store)
        newsroom = Newsroom(store, FakeClock(START + timedelta(minutes=1)))
        await newsroom.planner.catch_up()
        saved = await store.save_documents("s", make_documents(*ARTICLES), newsroom.clock.now())
        assert saved.counts.unchanged == STORIES
        await store.register_sources(["s", "other"])
        await newsroom.planner.catch_up()
        async with newsroom.sending():
            await newsroom.run(timedelta(seconds=3))
        assert (newsroom.poster.sent, newsroom.poster.edited) == ([], [])
        assert await store.count_edits() == 0
        assert await store.count_posts() == {PostStatus.SENT: STORIES // 2}
        await assert_unchanged(store)
        # A change is news as before.
        await newsroom.load(replace(ARTICLES[0], title="Another title"))
        assert await store.count_edits() == 1
    assert await inspect_store(old).find_damage(deep=True) == []


async def test_an_interrupted_upgrade_is_finished_later(old: Path) -> None:
    """Until then, inspection shows how far it is, and finds no damage in what is half done."""
    batches = 0

    async def interrupted(connection: aiosqlite.Connection, after: int) -> Batch | None:
        nonlocal batches
        batches += 1
        if batches > 1:
            raise KeyboardInterrupt
        return await PACKED_CONTENTS.batch(connection, after)

    step = replace(PACKED_CONTENTS, batch=interrupted)
    with pytest.raises(KeyboardInterrupt):
        async with Database.open(old, load_migrations(), [step]):
            pass
    diagnostics = inspect_store(old)
    assert await diagnostics.unfinished_upgrade() == 83
    assert await diagnostics.inspect_sources() == ()
    assert await diagnostics.find_damage(deep=True) == ()
    async with open_store(old) as store:
        await assert_unchanged(store)
        assert (await store.find_stories(StoryQuery("Größe"))).total == STORIES
    assert await diagnostics.unfinished_upgrade() is None
    assert await diagnostics.find_damage(deep=True) == []


async def test_a_bot_can_be_stopped_during_an_upgrade(old: Path) -> None:
    """It ends before it uses the database, or even logs in."""
    stop = asyncio.Event()
    stop.set()
    settings = Settings(database=old)
    await run_bot(settings, "a token", SystemClock(), stop)
    assert query(old, "PRAGMA user_version") != [load_migrations()[-1].version]
    async with open_store(old) as store:
        await assert_unchanged(store)


@pytest.mark.parametrize(
    "record",
    [
        "UPDATE upgrade_steps SET finished = 0",
        "UPDATE upgrade_steps SET edition = 7",
        "DELETE FROM upgrade_steps",
    ],
)
async def test_a_finished_upgrade_can_be_repeated(old: Path, record: str) -> None:
    """The record of what was done may be damaged."""
    async with open_store(old):
        pass
    with closing(sqlite3.connect(old)) as connection:
        connection.execute(record)
        connection.commit()
    async with open_store(old) as store:
        await assert_unchanged(store)
    assert await inspect_store(old).find_damage(deep=True) == []


async def test_damaged_rows_do_not_stop_an_upgrade(old: Path) -> None:
    """They are still damaged, and all others are upgraded."""
    values = {
        "content": ("nothing", "a blob", "a number", "a text", "an empty text", "not UTF-8"),
        "published_at": ("a blob", "a number", "not UTF-8"),
        "size": ("nothing", "a text"),
        "key": ("a blob", "not UTF-8"),
        "state": ("a number", "a text"),
        "missing": ("nothing", "a text"),
        "rejected_line": ("a text",),
    }
    number = 0
    for column, kinds in values.items():
        for kind in kinds:
            number += 1
            damage(old, "documents", column, DAMAGE[kind], f"id = {number}")
    async with open_store(old) as store:
        assert (await store.get_story(STORIES)).article == ARTICLES[-1]
        saved = await store.save_documents("s", make_documents(*ARTICLES), START)
        assert saved.counts.unchanged >= STORIES - number
        for each, article in enumerate(ARTICLES, start=1):
            assert (await store.get_story(each)).article == article


def test_steps_have_names_of_their_own() -> None:
    """The names say what was done to a database."""
    names = [step.name for step in STEPS]
    assert len(names) == len(set(names))
