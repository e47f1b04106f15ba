"""Estimates of how many stories match."""

from datetime import datetime, timedelta

import pytest

from bot.discordapp.subscriptions.estimate import Estimate, estimate_matches
from storage.models import Rules, SubscriptionSpec
from storage.protocols import Store
from tests.support.articles import make_article, make_documents
from tests.support.clock import START

HOUR = timedelta(hours=1)


async def load(store: Store, count: int, apart: timedelta) -> None:
    """Save stories of quality 80 about AI at equal distances up to now."""
    await store.register_sources(["a"])
    articles = [make_article(n, published_at=START - n * apart) for n in range(count)]
    await store.save_documents("a", make_documents(*articles), START)


async def estimate(store: Store, rules: Rules, now: datetime = START) -> Estimate:
    """The estimate for a server's only subscription."""
    spec = SubscriptionSpec(20, rules)
    return await estimate_matches(store, spec, [spec], now)


@pytest.mark.parametrize(
    ("count", "apart", "rate"),
    [
        (0, HOUR, "No stories match these rules yet."),
        (60, 12 * HOUR, "About 2 per day."),
        (8, 84 * HOUR, "About 2 per week."),
        (2, 240 * HOUR, "2 matches in the last 4 weeks."),
        (600, HOUR, "About 24 per day."),
    ],
)
async def test_the_rate_is_described(store: Store, count: int, apart: timedelta, rate: str) -> None:
    """It is per day, per week or in four weeks. If there are many stories, the newest count."""
    await load(store, count, apart)
    found = await estimate(store, Rules(min_quality=70))
    assert found.describe() == rate
    assert [story.id for story in found.newest] == list(range(1, min(count, 3) + 1))


async def test_old_stories_do_not_count(store: Store) -> None:
    """They are shown, but the rate is that of the last four weeks."""
    await load(store, 3, HOUR)
    found = await estimate(store, Rules(), START + timedelta(days=60))
    assert len(found.newest) == 3
    assert found.describe() == "No matches in the last 4 weeks."


async def test_every_rule_counts(store: Store) -> None:
    """The database can't check all of them."""
    await load(store, 500, HOUR)
    found = await estimate(store, Rules(words=("zebra",)))
    assert found.describe() == "None of the newest stories match these rules."


async def test_what_another_channel_takes_does_not_count(store: Store) -> None:
    await load(store, 60, HOUR)
    rest = SubscriptionSpec(20, Rules(not_in=(21,)))
    for other, matches in (("AI", False), ("Space", True)):
        server = [SubscriptionSpec(21, Rules(topics=(other,))), rest]
        assert bool((await estimate_matches(store, rest, server, START)).newest) is matches
