"""Planning reads the subscriptions that can want a story, and no others."""

import pytest

from storage.models import Rules
from storage.protocols import OutboxStore, Store
from tests.storage.contract.promises import promises
from tests.support.articles import make_article
from tests.support.outbox import load, subscribe


async def found(store: Store) -> list[int]:
    """Who may want the stories behind the cursor."""
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
async def test_topics_and_bar_decide_who_is_looked_at(
    store: Store, rules: Rules, matches: bool
) -> None:
    """In any case of the letters, in any script; the other rules are for the policy."""
    made = await subscribe(store, rules=rules)
    await load(store, make_article(1, topics=("AI", "Größe"), quality=80))
    assert await found(store) == [made.id] * matches


@promises(OutboxStore.planner_snapshot)
async def test_each_topics_best_story_counts(store: Store) -> None:
    """One story's topic and another one's quality are no match."""
    await subscribe(store, rules=Rules(topics=("Golf",), min_quality=90))
    await load(store, make_article(1, topics=("Golf",), quality=80), make_article(2, quality=99))
    assert await found(store) == []
    await load(store, make_article(3, topics=("Golf",), quality=90))
    assert len(await found(store)) == 1


@promises(OutboxStore.planner_snapshot)
async def test_nobody_is_looked_at_for_a_withdrawn_story(store: Store) -> None:
    """It can't be wanted; its messages are edited all the same."""
    await subscribe(store)
    await load(store, make_article(1))
    await store.withdraw_documents("s", ["1.md"])
    assert (len((await store.planner_snapshot(9)).stories), await found(store)) == (1, [])
