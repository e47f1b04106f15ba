"""Changes between reading and writing: nothing is lost, and nothing is posted twice."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.announce.outbox import Outbox
from bot.announce.policy import decide_all
from bot.announce.subscription_lifecycle import remove_subscription, subscribe
from storage.models import NewSubscription, Rules, SubscriptionSpec, UnpublishedDocument
from storage.posts import (
    NewPost,
    PlannerSnapshot,
    PostStatus,
    RetryAt,
    Skipped,
    Uncertain,
)
from storage.protocols import Store
from storage.reasons import Cause, ConnectionLost, OperatorSkipped
from tests.support.articles import make_article, make_document, make_documents
from tests.support.clock import START
from tests.support.outbox import add_subscription, plan_revisions

SOURCE, CHANNEL = "folder:news", 20
SECOND = timedelta(seconds=1)


def new_subscription(channel: int = CHANNEL, rules: Rules | None = None) -> NewSubscription:
    """A subscription as an admin creates it."""
    return NewSubscription(10, 1, START, SubscriptionSpec(channel, rules or Rules()))


async def add(store: Store, channel: int = CHANNEL, rules: Rules | None = None) -> int:
    """Subscribe a channel to which every story is news."""
    new = new_subscription(channel, rules)
    return (await add_subscription(store, new, revision=0, seen=[], catch_up=[])).id


async def plan(store: Store, view: PlannerSnapshot | None = None, now: datetime = START) -> int:
    """Plan a snapshot as the planner does."""
    view = view or await store.planner_snapshot(100)
    if not view.stories:
        return 0
    posts = [
        NewPost(
            story.id,
            each.id,
            each.guild_id,
            each.spec.channel_id,
            f"{story.id}-{each.id}-{view.cursor}",
            now,
        )
        for story, each in decide_all(view, now, None)
    ]
    return await plan_revisions(
        store,
        view.cursor,
        view.stories[-1].revision,
        posts,
        now,
        edit_since=now,
        subscriptions_version=view.subscriptions_version,
    )


async def test_a_subscription_created_while_planning_gets_stories(
    store: Store,
) -> None:
    """The planner read its snapshot before, and would move past the story."""
    await store.save_documents(SOURCE, make_documents(make_article(1)), START)
    seen = await store.subscription_snapshot(Rules(), CHANNEL, None, 0)
    await store.save_documents(SOURCE, make_documents(make_article(2)), START)
    looked = await store.planner_snapshot(100)
    await add_subscription(
        store,
        new_subscription(),
        revision=seen.revision,
        seen=[story.id for story in seen.fresh],
        catch_up=[],
    )
    assert await plan(store, looked) == 0
    assert await plan(store) == 1
    (claimed,) = await Outbox(store).claim(START, 9, [])
    assert claimed.story.id == 2


async def test_another_subscription_takes_over_waiting_posts(
    store: Store,
) -> None:
    """Another subscription of the channel still wants them."""
    first = await add(store, rules=Rules(topics=("AI",)))
    second = await add(store, rules=Rules(min_quality=10))
    await store.save_documents(SOURCE, make_documents(make_article(1)), START)
    await plan(store)
    await remove_subscription(store, 10, first, START)
    await plan(store)
    (claimed,) = await Outbox(store).claim(START, 9, [])
    assert claimed.post.subscription_id == second


async def test_a_story_that_was_briefly_withdrawn_is_posted(store: Store) -> None:
    """A checkout deletes and writes files; the skipped post is planned again."""
    await add(store)
    await store.save_documents(SOURCE, make_documents(make_article(1)), START)
    await plan(store)
    await store.withdraw_documents(SOURCE, ["1.md"])
    (claimed,) = await Outbox(store).claim(START, 9, [])
    await Outbox(store).settle(claimed.post.id, Skipped(Cause.STORY_WITHDRAWN), START)
    await store.save_documents(SOURCE, make_documents(make_article(1)), START)
    await plan(store)
    assert len(await Outbox(store).claim(START, 9, [])) == 1


async def test_a_post_skipped_by_an_operator_stays_skipped(store: Store) -> None:
    """It may have been sent, and its button would no longer work."""
    await add(store)
    await store.save_documents(SOURCE, make_documents(make_article(1)), START)
    await plan(store)
    (claimed,) = await Outbox(store).claim(START, 9, [])
    await Outbox(store).settle(claimed.post.id, Uncertain(Cause.HISTORY_FORBIDDEN), START)
    await Outbox(store).override(claimed.post.id, Skipped(OperatorSkipped("posted by hand")), START)
    await subscribe(
        store,
        new_subscription(rules=Rules(min_quality=5)),
        catch_up=3,
        max_age=None,
        make_nonce=lambda: "another",
    )
    await plan(store)
    assert (await store.get_post(claimed.post.id)).status is PostStatus.SKIPPED


async def test_posts_that_may_be_sent_come_first(store: Store) -> None:
    """They are tried again within the nonce window, however many channels wait."""
    for channel in range(100, 150):
        await add(store, channel)
    await store.save_documents(SOURCE, make_documents(make_article(1)), START)
    await plan(store)
    claimed = await Outbox(store).claim(START, 5, [])
    for each in claimed[:2]:
        await Outbox(store).settle(
            each.post.id, RetryAt(START + SECOND, ConnectionLost("reset"), unknown=True), START
        )
    await Outbox(store).recover_claims(START + SECOND)
    again = await Outbox(store).claim(START + SECOND, 16, [])
    assert {each.post.id for each in claimed} <= {each.post.id for each in again}


async def test_stories_of_a_removed_source_are_withdrawn(store: Store) -> None:
    """Once the configured sources are read, they go; else its drafts would stay public."""
    await store.register_sources(["folder:old"])
    await store.save_documents(
        "folder:old", make_documents(make_article(1), make_article(2)), START
    )
    await store.register_sources([SOURCE])
    await store.save_documents(SOURCE, make_documents(make_article(1)), START)
    assert await store.withdraw_unregistered_sources() == 2
    assert await store.count_stories() == 1
    await store.save_documents(SOURCE, [make_document("1.md", UnpublishedDocument())], START)
    assert await store.count_stories() == 0


async def test_a_cancelled_read_leaves_no_open_transaction(store: Store) -> None:
    """The next user of the reading connection gets a new transaction."""
    for _ in range(6):
        looking = asyncio.ensure_future(store.count_stories())
        await asyncio.sleep(0)
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
    assert [await store.count_stories() for _ in range(4)] == [0, 0, 0, 0]
