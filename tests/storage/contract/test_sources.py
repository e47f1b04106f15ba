"""The stored results of reading sources."""

from datetime import timedelta

from storage.models import Rejection, SourceState, UnpublishedDocument
from storage.protocols import SourceStore, Store
from tests.storage.contract.promises import promises
from tests.support.articles import make_article, make_document
from tests.support.clock import START

LATER = START + timedelta(minutes=5)


@promises(SourceStore.list_sources)
async def test_sources_are_listed_with_their_documents(store: Store) -> None:
    """They are in the order of the settings; gone documents don't count, but rejected ones do."""
    await store.register_sources(["b", "a"])
    assert await store.list_sources() == [
        SourceState("b", documents=0, rejected=0),
        SourceState("a", documents=0, rejected=0),
    ]
    documents = [
        make_document("1.md", make_article(1)),
        make_document("2.md", make_article(2)),
        make_document("3.md", Rejection("is wrong")),
        make_document("4.md", UnpublishedDocument()),
    ]
    await store.save_documents("a", documents, START)
    await store.withdraw_documents("a", ["1.md"])
    await store.register_sources(["a"])
    first, second = await store.list_sources()
    assert first == SourceState("a", documents=3, rejected=1)
    assert second.name == "b"


@promises(SourceStore.list_sources, SourceStore.record_run)
async def test_a_read_is_recorded(store: Store) -> None:
    """A failure keeps the time of the last success; a success removes the error."""
    await store.register_sources(["a"])
    await store.record_run("a", START, None)
    await store.record_run("a", LATER, "it is away")
    [state] = await store.list_sources()
    assert (state.last_run_at, state.last_success_at) == (LATER, START)
    assert state.error == "it is away"
    await store.record_run("a", LATER, None)
    [state] = await store.list_sources()
    assert (state.last_success_at, state.error) == (LATER, None)


@promises(SourceStore.list_sources, SourceStore.record_run)
async def test_a_source_without_documents_can_fail(store: Store) -> None:
    """It need not be registered yet."""
    await store.record_run("x", START, "it is away")
    [state] = await store.list_sources()
    assert (state.name, state.error) == ("x", "it is away")
    assert state.last_success_at is None
