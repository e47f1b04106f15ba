"""Inspecting a database without opening it for use."""

import sys

import pytest

from bot.announce.outbox import Outbox
from storage.errors import StoreUnusableError
from storage.models import Rejection, SourceState
from storage.open import open_store
from storage.posts import Failed, Uncertain
from storage.protocols import Contents, Diagnostics, Store
from storage.reasons import Cause, MessageRefused
from tests.storage.contract.adapters import Adapter
from tests.storage.contract.promises import promises
from tests.support.articles import make_article, make_document
from tests.support.clock import START
from tests.support.outbox import claim, load, plan, subscribe


@promises(Diagnostics.inspect_value)
async def test_a_value_can_be_inspected(store: Store, diagnostics: Diagnostics) -> None:
    """A bot may be using the database."""
    await store.set_value("name", "value")
    assert await diagnostics.inspect_value("name") == "value"
    assert await diagnostics.inspect_value("other") is None


@promises(
    Diagnostics.exists,
    Diagnostics.inspect_contents,
    Diagnostics.inspect_file,
    Diagnostics.inspect_sources,
    Diagnostics.inspect_value,
    Diagnostics.unfinished_upgrade,
)
async def test_inspecting_creates_nothing(adapter: Adapter, diagnostics: Diagnostics) -> None:
    """A missing database has no contents, and neither has one that was just created."""
    for _ in range(2):
        assert not await diagnostics.exists()
        assert await diagnostics.inspect_contents(["folder:news"]) is None
        assert await diagnostics.inspect_sources() == ()
        assert await diagnostics.inspect_value("name") is None
        assert await diagnostics.inspect_file() is None
        assert await diagnostics.unfinished_upgrade() is None
    async with open_store(adapter.url):
        pass
    assert await diagnostics.exists()
    assert await diagnostics.inspect_contents([]) == Contents(0, 0, 0, 0, 0, 0)
    file = await diagnostics.inspect_file()
    assert file is not None
    assert (file.version, file.in_use) == (file.newest, False if sys.platform == "linux" else None)
    assert file.size > 0
    assert await diagnostics.unfinished_upgrade() is None


@promises(Diagnostics.inspect_contents, Diagnostics.count_orphaned)
async def test_stories_of_unregistered_sources_are_orphaned(
    store: Store, diagnostics: Diagnostics
) -> None:
    """Stories that a registered source also has don't count."""
    shared, old = make_article(1), make_article(2)
    await store.save_documents("new", [make_document("1.md", shared)], START)
    await store.save_documents(
        "old",
        [
            make_document("1.md", shared),
            make_document("2.md", old),
            make_document("3.md", Rejection("is wrong")),
        ],
        START,
    )
    for sources, orphaned in ((["new", "old"], 0), (["new"], 1), ([], 2)):
        contents = await diagnostics.inspect_contents(sources)
        assert contents == Contents(2, 0, paused=0, uncertain=0, failed=0, orphaned=orphaned)
        assert await diagnostics.count_orphaned(sources) == orphaned


@promises(Diagnostics.inspect_contents)
async def test_posts_that_need_an_operator_are_counted(
    store: Store, diagnostics: Diagnostics
) -> None:
    """A bot may be using the database."""
    subscription = await subscribe(store)
    await load(store, *map(make_article, (1, 2, 3)))
    await plan(store, *((story, subscription, ()) for story in (1, 2, 3)))
    for end in (Failed(MessageRefused("400")), Uncertain(Cause.HISTORY_FORBIDDEN)):
        await Outbox(store).settle((await claim(store)).post.id, end, START)
    contents = await diagnostics.inspect_contents(["s"])
    assert contents == Contents(3, 1, paused=0, uncertain=1, failed=1, orphaned=0)


@promises(Diagnostics.inspect_sources)
async def test_sources_are_inspected_as_a_store_lists_them(
    store: Store, diagnostics: Diagnostics
) -> None:
    """They are in the order of the settings."""
    await store.register_sources(["b", "a"])
    await store.record_run("a", START, "it is away")
    assert await diagnostics.inspect_sources() == await store.list_sources()
    assert await diagnostics.inspect_sources() == [
        SourceState("b", 0, 0),
        SourceState("a", 0, 0, last_run_at=START, error="it is away"),
    ]


@promises(Diagnostics.count_orphaned)
async def test_counting_in_a_missing_database_is_refused(diagnostics: Diagnostics) -> None:
    """Callers check that it exists; nothing is created in its place."""
    with pytest.raises(StoreUnusableError):
        await diagnostics.count_orphaned([])
    assert not await diagnostics.exists()
