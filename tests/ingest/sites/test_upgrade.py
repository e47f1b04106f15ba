"""Stories that an earlier version announced with wrong addresses are not announced again."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.config.sources import Generator
from bot.ingest.defaults import Defaults
from bot.ingest.folder.source import FolderSource
from bot.ingest.loader import load_source
from bot.ingest.sites.detection import SiteOptions
from bot.ingest.sites.site import SiteSettings
from storage.models import Story
from storage.open import open_store
from storage.protocols import Store
from tests.announce.newsroom import Newsroom
from tests.ingest.sites.old_sites import SITES, OldSite
from tests.ingest.support import stories
from tests.storage.sqlite.old_databases import build_old_database
from tests.support.clock import FakeClock

ROWS = Path(__file__).with_name("old_sites.sql")
VERSION = 10
UPGRADED_AT = datetime(2026, 11, 20, 13, tzinfo=UTC)
ADDRESS = "https://site.example/"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """The old database, opened by this version."""
    path = tmp_path / "old.db"
    await build_old_database(path, VERSION, ROWS)
    async with open_store(path) as store:
        yield store


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(UPGRADED_AT)


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def open_source(
    folder: Path, site: OldSite, clock: FakeClock, options: SiteOptions
) -> FolderSource:
    """The source as it was in the settings."""
    name = next(name for name, each in SITES.items() if each is site)
    return FolderSource(
        folder,
        name=f"folder:{name}",
        unpublished="skip",
        include=("*.md", "*.markdown", "*.mdx"),
        exclude=("README.md",),
        clock=clock,
        defaults=Defaults(quality=75, base_url=ADDRESS, permalink=site.permalink),
        site=options,
    )


def options_of(site: OldSite, generator: Generator | None) -> SiteOptions:
    settings = SiteSettings(base_url=ADDRESS, permalink=site.permalink)
    return SiteOptions(generator, settings)


async def by_title(store: Store) -> dict[str, Story]:
    return {story.article.title: story for story in await stories(store)}


@pytest.mark.parametrize("site", SITES.values(), ids=list(SITES))
@pytest.mark.parametrize("named", [False, True], ids=["detected", "named"])
async def test_stories_stay_when_their_addresses_change(
    store: Store, clock: FakeClock, tmp_path: Path, site: OldSite, named: bool
) -> None:
    """They have the addresses that the generator makes, and no post is added for them."""
    write(tmp_path / "site", site.files)
    if not named:
        write(tmp_path / "site", site.configuration)
    newsroom = Newsroom(store, clock)
    before, posts = await by_title(store), await newsroom.posts()
    options = options_of(site, Generator(site.generator) if named else None)
    source = open_source(tmp_path / "site", site, clock, options)
    for _ in range(2):
        await load_source(source, store, clock)
        await newsroom.planner.catch_up()
    after = await by_title(store)
    assert {title: after[title].id for title in before} == {
        title: story.id for title, story in before.items()
    }
    addresses = {story.article.url.removeprefix(ADDRESS[:-1]) for story in after.values()}
    assert addresses >= set(site.addresses.values())
    added = [post for post in await newsroom.posts() if post.id not in {each.id for each in posts}]
    assert {post.story_id for post in added} == {
        story.id for title, story in after.items() if title not in before
    }


async def test_pages_without_a_generator_stay_as_they_are(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    """Without a configuration file, addresses are made from the pattern as before."""
    site = SITES["categories"]
    write(tmp_path / "site", site.files)
    newsroom = Newsroom(store, clock)
    before = await by_title(store)
    source = open_source(tmp_path / "site", site, clock, options_of(site, None))
    await load_source(source, store, clock)
    await newsroom.planner.catch_up()
    after = await by_title(store)
    assert {title: after[title].article.url for title in before} == {
        title: story.article.url for title, story in before.items()
    }


async def test_configuration_that_changes_announces_nothing(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    """All addresses change with it. When it disappears, the stories keep their last address."""
    site = SITES["categories"]
    write(tmp_path / "site", site.files)
    configuration = tmp_path / "site" / "_config.yml"
    newsroom = Newsroom(store, clock)
    source = FolderSource(
        tmp_path / "site",
        name="folder:categories",
        unpublished="skip",
        include=("*.md",),
        exclude=(),
        clock=clock,
        defaults=Defaults(quality=75),
    )
    numbers, counts, addresses = set[int](), set[int](), list[str]()
    for permalink in ("/one/:title/", "/two/:title/", "pretty", None):
        if permalink is None:
            configuration.unlink()
        else:
            configuration.write_text(f"url: {ADDRESS[:-1]}\npermalink: {permalink}\n")
        await load_source(source, store, clock)
        await newsroom.planner.catch_up()
        mill = (await by_title(store))["Mill burns"]
        addresses.append(mill.article.url.removeprefix(ADDRESS))
        numbers.add(mill.id)
        counts.add(len(await newsroom.posts()))
    pretty = "local%20news/2026/11/19/mill/"
    assert addresses == ["one/mill/", "two/mill/", pretty, pretty]
    assert (len(numbers), len(counts)) == (1, 1)
