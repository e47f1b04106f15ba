"""Counting the terms of the archive."""

import asyncio
import logging
from datetime import timedelta

import pytest

from bot.announce import archive_terms
from bot.announce.archive_terms import ArchiveTerms, count_terms
from storage.errors import StoreLockedError
from storage.models import RelatedArticle
from storage.protocols import Store
from tests.support.articles import make_article, make_documents, make_story
from tests.support.clock import START, FakeClock
from tests.support.store import with_hook

HOUR = timedelta(hours=1)


async def test_terms_are_counted_again_after_an_hour(store: Store) -> None:
    """Stories that arrive in between count from then on."""
    clock = FakeClock()
    terms = ArchiveTerms(store, clock)
    assert (await terms.get()).texts == 0
    await store.save_documents("s", make_documents(make_article(1)), START)
    assert (await terms.get()).texts == 0
    clock.skip(HOUR.total_seconds())
    assert (await terms.get()).texts == 1


async def test_an_answer_waits_for_the_first_count_only(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the last frequencies, however old; a task counts a large archive again."""
    monkeypatch.setattr(archive_terms, "SAMPLE", 2)
    clock = FakeClock()
    terms = ArchiveTerms(store, clock)
    counting = asyncio.create_task(terms.keep_current())
    await clock.wait_for_sleeps(1)
    await store.save_documents("s", make_documents(make_article(1)), START)
    assert (await terms.latest()).texts == 1
    await store.save_documents("s", make_documents(make_article(2)), START)
    assert (await terms.latest()).texts == 1
    await clock.advance(HOUR)
    await clock.wait_for_sleeps(2)
    assert (await terms.latest()).texts == 2
    counting.cancel()


async def test_an_unreadable_archive_keeps_the_last_count(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Messages are sent nevertheless, and the operator is warned."""
    caplog.set_level(logging.WARNING)
    clock, locked = FakeClock(), asyncio.Event()

    async def check(method: str) -> None:
        if locked.is_set():
            raise StoreLockedError(f"{method}: the database is locked")

    terms = ArchiveTerms(with_hook(store, ("find_stories",), check), clock)
    await store.save_documents("s", make_documents(make_article(1)), START)
    assert (await terms.get()).texts == 1
    clock.skip(HOUR.total_seconds())
    locked.set()
    assert (await terms.get()).texts == 1
    assert "the terms of the archive can't be counted: find_stories: the database is" in caplog.text


async def test_an_unreadable_archive_does_not_end_the_counting(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """The task tries again an hour later."""

    async def check(method: str) -> None:
        raise StoreLockedError(f"{method}: the database is locked")

    clock = FakeClock()
    terms = ArchiveTerms(with_hook(store, ("count_stories",), check), clock)
    counting = asyncio.create_task(terms.keep_current())
    await clock.wait_for_sleeps(1)
    await clock.advance(HOUR)
    await clock.wait_for_sleeps(2)
    counting.cancel()
    assert "the stories can't be counted: count_stories: the database is locked" in caplog.text


def test_related_coverage_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of texts is bounded."""
    related = (RelatedArticle("Other", "https://other.example/1"),)
    stories = [make_story(number, related=related) for number in range(9)]
    assert count_terms(stories).texts == 10
    monkeypatch.setattr(archive_terms, "MAX_TEXTS", 4)
    assert count_terms(stories).texts == 4
