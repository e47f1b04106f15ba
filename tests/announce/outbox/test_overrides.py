"""Operators list, settle and retry posts."""

from datetime import timedelta

import pytest

from bot.announce.outbox import Outbox
from bot.announce.subscription_lifecycle import remove_subscription
from storage.errors import NotFoundError
from storage.posts import Failed, Post, PostStatus, RetryAt, Sent, Settlement, Skipped, Uncertain
from storage.protocols import Store
from storage.reasons import Cause, ConnectionLost, MessageRefused, OperatorSkipped, TooOld
from tests.announce.outbox.test_claims import GUILD, add, new_post
from tests.support.articles import make_article, make_documents
from tests.support.clock import START
from tests.support.outbox import plan_revisions

MINUTE = timedelta(minutes=1)


async def plan(store: Store, *settlements: Settlement | None) -> list[int]:
    """Plan a post in its own channel for each settlement (None: it stays planned)."""
    numbers = range(1, len(settlements) + 1)
    await store.save_documents("s", make_documents(*map(make_article, numbers)), START)
    posts = [new_post(number, await add(store, 100 + number)) for number in numbers]
    await plan_revisions(store, 0, len(posts), posts, START, edit_since=START)
    planned = [
        100 + n for n, settlement in zip(numbers, settlements, strict=True) if not settlement
    ]
    for at, claimed in enumerate(await Outbox(store).claim(START, 99, planned)):
        settlement = settlements[claimed.story.id - 1]
        assert settlement is not None
        await Outbox(store).settle(claimed.post.id, settlement, START + at * MINUTE)
    return list(numbers)


async def test_posts_are_listed_by_status_the_latest_first(store: Store) -> None:
    """They have their stories, and the limit is respected."""
    await plan(
        store, Sent(1), Failed(MessageRefused("refused")), None, Failed(MessageRefused("refused"))
    )
    failed = await store.list_posts([PostStatus.FAILED], 9)
    assert [4, 2] == [each.post.id for each in failed]
    assert ["Story 4", "Story 2"] == [each.story.article.title for each in failed]
    both = [PostStatus.FAILED, PostStatus.PLANNED]
    assert [4, 2] == [each.post.id for each in await store.list_posts(both, 2)]
    assert list(await store.list_posts([], 9)) == []


async def test_a_posts_history_has_every_step(store: Store) -> None:
    """Steps have a time and reason; a missing post has no history."""
    (post,) = await plan(store, RetryAt(START, ConnectionLost("reset"), unknown=True))
    await Outbox(store).claim(START + MINUTE, 9, [])
    await Outbox(store).settle(post, Sent(1), START + MINUTE)
    assert [
        (START, PostStatus.PLANNED, None),
        (START, PostStatus.CLAIMED, None),
        (START, PostStatus.RETRY, ConnectionLost("reset")),
        (START + MINUTE, PostStatus.CLAIMED, ConnectionLost("reset")),
        (START + MINUTE, PostStatus.SENT, None),
    ] == [(event.at, event.status, event.reason) for event in await store.post_history(post)]
    with pytest.raises(NotFoundError, match="no post 99"):
        await store.post_history(99)


UNDECIDED = {
    "planned": None,
    "retry": RetryAt(START + MINUTE, ConnectionLost("reset"), unknown=True),
    "skipped": Skipped(TooOld(timedelta(days=8), timedelta(days=7))),
    "failed": Failed(MessageRefused("refused")),
    "uncertain": Uncertain(Cause.HISTORY_FORBIDDEN),
}


@pytest.mark.parametrize("before", UNDECIDED.values(), ids=list(UNDECIDED))
async def test_an_operator_sends_a_post_again(store: Store, before: Settlement | None) -> None:
    """It is sent at once, whatever its age, and without a search: the operator has looked."""
    (post,) = await plan(store, before)
    await Outbox(store).override(post, None, START + MINUTE)
    (again,) = await Outbox(store).claim(START + MINUTE, 9, [])
    assert (again.post.id, again.post.catch_up, again.post.unknown_since) == (post, True, None)
    assert again.post.planned_at == START + MINUTE


@pytest.mark.parametrize(
    "decision", [Sent(77), Skipped(OperatorSkipped("posted elsewhere"))], ids=["sent", "skipped"]
)
async def test_an_operator_settles_a_post(store: Store, decision: Settlement) -> None:
    """Its history keeps the earlier steps."""
    (post,) = await plan(store, Uncertain(Cause.HISTORY_FORBIDDEN))
    await Outbox(store).override(post, decision, START + MINUTE)
    steps = [event.status for event in await store.post_history(post)]
    assert steps[-2] is PostStatus.UNCERTAIN
    found = await store.get_post(post)
    assert (steps[-1], START + MINUTE) == (found.status, found.settled_at)
    assert found.message_id == (77 if isinstance(decision, Sent) else None)


async def test_a_post_that_an_operator_found_is_edited(store: Store) -> None:
    """Its story changed since it was sent."""
    (post,) = await plan(store, Uncertain(Cause.HISTORY_FORBIDDEN))
    await store.save_documents("s", make_documents(make_article(1, title="Better")), START)
    await Outbox(store).override(post, Sent(77), START)
    (edit,) = await store.due_edits(START, 9, [])
    assert (edit.post.message_id, edit.story.article.title) == (77, "Better")


async def test_claimed_and_sent_posts_can_not_be_overridden(store: Store) -> None:
    """Neither can missing posts and those of removed subscriptions; nothing changes."""
    sent, claimed, unwanted = await plan(store, Sent(1), None, Failed(MessageRefused("refused")))
    await Outbox(store).claim(START, 9, [])
    await remove_subscription(store, GUILD, unwanted, START)
    before = await everything(store)
    for post in (sent, claimed, 99):
        with pytest.raises(NotFoundError, match=f"there is no post {post} to settle or retry"):
            await Outbox(store).override(post, Skipped(OperatorSkipped("no")), START)
        with pytest.raises(NotFoundError):
            await Outbox(store).override(post, None, START)
    with pytest.raises(NotFoundError, match="its subscription was removed or moved"):
        await Outbox(store).override(unwanted, None, START)
    assert before == await everything(store)


async def everything(store: Store) -> list[Post]:
    """All posts."""
    return [each.post for each in await store.list_posts(list(PostStatus), 99)]
