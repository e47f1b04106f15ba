"""Planning only reads the subscriptions that may want a story."""

import pytest

from storage.models import Rules
from storage.protocols import OutboxStore, Store
from tests.storage.contract.promises import promises
from tests.support.articles import make_article
from tests.support.outbox import load, subscribe


async def found(store: Store) -> list[int]:
    """The subscriptions that may want the stories after the cursor."""
    return [each.id for each in (await store.planner_snapshot(99)).subscriptions]


@promises(OutboxStore.planner_snapshot)
@pytest.mark.parametrize(
    ("rules", "matches"),
    [
        (Rules(), True),
        (Rules(min_quality=80), True),
        (Rules(min_quality=81), False),
        (Rules(topics=("ai",)), True),
        (Rules(topics=("AI", "Golf"), min_quality=80), True),
        (Rules(topics=("AI",), min_quality=81), False),
        (Rules(topics=("Golf",)), False),
        (Rules(topics=("GRÖSSE",)), True),
    ],
    ids=str,
)
async def test_topics_and_minimum_quality_preselect_subscriptions(
    store: Store, rules: Rules, matches: bool
) -> None:
    """Topics match in any case and script; the policy checks the other rules."""
    made = await subscribe(store, rules=rules)
    await load(store, make_article(1, topics=("AI", "Größe"), quality=80))
    assert await found(store) == [made.id] * matches


@promises(OutboxStore.planner_snapshot)
async def test_each_topics_best_story_counts(store: Store) -> None:
    """The topic of one story and the quality of another don't make a match."""
    await subscribe(store, rules=Rules(topics=("Golf",), min_quality=90))
    await load(store, make_article(1, topics=("Golf",), quality=80), make_article(2, quality=99))
    assert await found(store) == []
    await load(store, make_article(3, topics=("Golf",), quality=90))
    assert len(await found(store)) == 1


@promises(OutboxStore.planner_snapshot)
async def test_a_withdrawn_story_matches_no_subscription(store: Store) -> None:
    """Its messages are edited nevertheless."""
    await subscribe(store)
    await load(store, make_article(1))
    await store.withdraw_documents("s", ["1.md"])
    assert (len((await store.planner_snapshot(9)).stories), await found(store)) == (1, [])
