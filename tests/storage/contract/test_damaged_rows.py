"""A damaged row stops nothing: it is left out, and logged once."""

import logging
from dataclasses import replace

import pytest

from bot.announce.outbox import Outbox
from bot.announce.subscription_lifecycle import remove_damaged
from storage.errors import DamagedRowError
from storage.models import DamagedSubscription, StoryQuery
from storage.posts import PostStatus
from storage.protocols import (
    ArticleStore,
    Diagnostics,
    OutboxStore,
    Store,
    StoryStore,
    SubscriptionStore,
)
from storage.protocols.transaction import Transaction
from tests.storage.contract.adapters import Adapter
from tests.storage.contract.planned import CHANNEL, GUILD, OTHER_CHANNEL, SOURCE, fill, insert
from tests.storage.contract.promises import promises
from tests.support.articles import make_article, make_documents
from tests.support.clock import START


@pytest.fixture
async def filled(store: Store) -> Store:
    """Six stories, and a subscription of each of two channels."""
    await fill(store)
    return store


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The rows that were logged."""
    messages = (record.getMessage() for record in caplog.records if record.levelname == "ERROR")
    return [message.partition(" is damaged")[0] for message in messages]


@promises(
    SubscriptionStore.list_subscriptions,
    SubscriptionStore.get_subscription,
    SubscriptionStore.damaged_subscriptions,
    OutboxStore.planner_snapshot,
    Transaction.subscription_states,
)
async def test_a_damaged_subscription_is_set_aside(
    filled: Store, adapter: Adapter, caplog: pytest.LogCaptureFixture
) -> None:
    """The planner gets the others; the damaged one is known, and logged once."""
    adapter.damage("subscription", 1)
    for _ in range(2):
        assert [each.id for each in await filled.list_subscriptions(GUILD)] == [2]
        assert await filled.damaged_subscriptions(GUILD) == [DamagedSubscription(1, CHANNEL)]
        assert [each.id for each in (await filled.planner_snapshot(9)).subscriptions] == [2]
    with pytest.raises(DamagedRowError, match="row 1 of subscriptions"):
        await filled.get_subscription(GUILD, 1)
    states = await filled.transact(lambda transaction: transaction.subscription_states([1, 2]))
    assert {number: state.damaged for number, state in states.items()} == {1: True, 2: False}
    assert logged(caplog) == ["row 1 of subscriptions"]


@promises(Transaction.next_posts, Transaction.delete_subscriptions)
async def test_posts_of_a_damaged_subscription_wait(filled: Store, adapter: Adapter) -> None:
    """They hold no other channel, and are skipped when an admin removes the subscription."""
    await insert(filled, (1, 1), (2, 2))
    adapter.damage("subscription", 1)
    claimed = await Outbox(filled).claim(START, 1, [])
    assert [each.post.channel_id for each in claimed] == [OTHER_CHANNEL]
    await remove_damaged(filled, GUILD, 1, START)
    assert await filled.damaged_subscriptions(GUILD) == []
    assert (await filled.get_post(1)).status is PostStatus.SKIPPED


@promises(
    StoryStore.find_stories,
    StoryStore.complete_titles,
    StoryStore.get_story,
    StoryStore.summarise_topic,
    Transaction.story_facts,
)
async def test_a_damaged_story_is_set_aside(
    filled: Store, adapter: Adapter, caplog: pytest.LogCaptureFixture
) -> None:
    """Lookups find the others."""
    adapter.damage("story", 6)
    page = await filled.find_stories(StoryQuery(limit=10))
    assert [story.id for story in page.stories] == [5, 4, 3, 2, 1]
    assert [story.id for story in await filled.complete_titles("story", 10)] == [5, 4, 3, 2, 1]
    assert (await filled.summarise_topic(1)).best.id == 5
    with pytest.raises(DamagedRowError):
        await filled.get_story(6)
    facts = await filled.transact(lambda transaction: transaction.story_facts([5, 6]))
    assert list(facts) == [5]
    assert logged(caplog) == ["row 6 of documents"]


@promises(OutboxStore.planner_snapshot, ArticleStore.state_token, ArticleStore.known_documents)
async def test_a_source_repairs_its_damaged_stories(filled: Store, adapter: Adapter) -> None:
    """The planner reads past them; they are read again, and are news then."""
    await filled.finish_reading(SOURCE, "settings", "token")
    adapter.damage("story", 6)
    snapshot = await filled.planner_snapshot(9)
    assert [story.id for story in snapshot.stories] == [1, 2, 3, 4, 5]
    assert snapshot.last_revision == 6
    await Outbox(filled).plan(snapshot, [], START, edit_since=START)
    assert await filled.state_token(SOURCE, "settings") is None
    document = make_documents(make_article(6, quality=86))[0]
    known = await filled.known_documents(SOURCE, "settings")
    assert known.get(document.key) != document.fingerprint
    await filled.save_documents(SOURCE, [document], START)
    assert [story.id for story in (await filled.planner_snapshot(9)).stories] == [6]
    await filled.finish_reading(SOURCE, "settings", "token")
    assert await filled.state_token(SOURCE, "settings") == "token"


@promises(OutboxStore.get_post, OutboxStore.list_posts, Transaction.get_posts)
async def test_a_damaged_post_is_set_aside(filled: Store, adapter: Adapter) -> None:
    """It holds neither its channel nor others, and is not planned again."""
    await insert(filled, (1, 1), (2, 1), (3, 2))
    adapter.damage("post", 2)
    with pytest.raises(DamagedRowError):
        await filled.get_post(2)
    claimed = await Outbox(filled).claim(START, 9, [])
    assert [each.post.id for each in claimed] == [1, 3]
    assert {each.post.id for each in await filled.list_posts(list(PostStatus), 9)} == {1, 3}
    assert [each.id for each in await filled.transact(lambda tx: tx.get_posts([1, 2]))] == [1]
    assert await insert(filled, (2, 1)) == 0


@promises(OutboxStore.get_delivered)
async def test_a_story_is_posted_without_damaged_coverage(filled: Store, adapter: Adapter) -> None:
    await insert(filled, (1, 1), (2, 1))

    async def fold(transaction: Transaction) -> None:
        host, folded = await transaction.get_posts([1, 2])
        await transaction.update_posts(
            [replace(folded, status=PostStatus.FOLDED, lead_post_id=host.id)], START
        )

    await filled.transact(fold)
    assert len((await filled.get_delivered(1)).coverage) == 1
    adapter.damage("story", 2)
    (claimed,) = await Outbox(filled).claim(START, 9, [])
    assert (claimed.story.id, claimed.coverage) == (1, ())


@promises(Diagnostics.find_damage)
async def test_damage_is_found(filled: Store, diagnostics: Diagnostics, adapter: Adapter) -> None:
    """A value that can be decoded but contradicts another one is found by the deep check only."""
    await insert(filled, (1, 1))
    assert await diagnostics.find_damage(deep=True) == []
    adapter.damage("story", 6)
    adapter.damage("quality", 5)
    rows = [each.place for each in await diagnostics.find_damage()]
    assert rows == ["documents 6"]
    deep = [each.place for each in await diagnostics.find_damage(deep=True)]
    assert set(deep) == {"documents 6", "articles 5"}


@promises(Diagnostics.find_damage)
async def test_looking_for_damage_changes_nothing(
    filled: Store, diagnostics: Diagnostics, adapter: Adapter, caplog: pytest.LogCaptureFixture
) -> None:
    """The rows stay as they are, even damaged ones, and nothing is logged."""
    caplog.set_level(logging.INFO)
    adapter.damage("story", 6)
    before = adapter.contents()
    await diagnostics.find_damage(deep=True)
    assert adapter.contents() == before
    assert caplog.messages == []
    assert len(await filled.list_subscriptions(GUILD)) == 2
