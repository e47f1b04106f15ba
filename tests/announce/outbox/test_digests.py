"""Digests in the outbox: several stories, one message, one outcome."""

from datetime import time

import pytest

from bot.announce.outbox import Outbox
from bot.announce.schedule import first_due
from bot.announce.subscription_lifecycle import delete_subscriptions, remove_subscription
from storage.posts import (
    Failed,
    Held,
    PostStatus,
    RetryAt,
    Sent,
    Settlement,
    Skipped,
    Uncertain,
)
from storage.protocols import Store
from storage.reasons import (
    Cause,
    ConnectionLost,
    DigestFull,
    MessageRefused,
    OperatorSkipped,
    QuietHours,
)
from tests.support.articles import make_article
from tests.support.clock import START
from tests.support.outbox import (
    CHANNEL,
    DAILY,
    DAY,
    GUILD,
    HOUR,
    SECOND,
    claim,
    load,
    plan,
    post_of,
    statuses_of,
    subscribe,
)

EIGHT = START + 20 * HOUR
UNKNOWN = RetryAt(EIGHT + SECOND, ConnectionLost("reset"), unknown=True)


@pytest.fixture
async def waiting(store: Store) -> Store:
    """A store with three stories for the digest at eight; the second is the best."""
    subscription = await subscribe(store, delivery=DAILY)
    qualities = {1: 80, 2: 99, 3: 70}
    await load(store, *(make_article(n, quality=q) for n, q in qualities.items()))
    await plan(store, *((n, subscription, ()) for n in qualities), due_at=EIGHT)
    return store


async def test_nothing_is_sent_before_its_time(waiting: Store) -> None:
    assert list(await Outbox(waiting).claim(EIGHT - SECOND, 9, [])) == []
    assert await waiting.next_due_at(START) == EIGHT


async def test_due_stories_are_one_message_best_first(waiting: Store) -> None:
    """The message has the mark and nonce of the best story's post."""
    claimed = await claim(waiting, EIGHT)
    assert [story.id for story in claimed.digest] == [2, 1, 3]
    assert (claimed.story.id, claimed.post.attempts, claimed.coverage) == (2, 1, ())
    assert claimed.subscription is not None
    assert claimed.subscription.spec.delivery == DAILY
    assert [(await post_of(waiting, n)).lead_post_id for n in (1, 2, 3)] == [2, None, 2]
    assert list(await Outbox(waiting).claim(EIGHT + DAY, 9, [])) == []


async def test_heat_and_date_break_ties_of_quality(store: Store) -> None:
    subscription = await subscribe(store, delivery=DAILY)
    await load(
        store,
        make_article(1, published_at=START - HOUR),
        make_article(2, published_at=START),
        make_article(3, heat=5, published_at=START - DAY),
    )
    await plan(store, *((n, subscription, ()) for n in (1, 2, 3)))
    assert [story.id for story in (await claim(store)).digest] == [3, 2, 1]


async def test_stories_that_do_not_fit_are_skipped_permanently(store: Store) -> None:
    """They are not planned again when their heat changes."""
    subscription = await subscribe(store, delivery=DAILY)
    await load(store, *(make_article(n, quality=100 - n) for n in range(1, 6)))
    await plan(store, *((n, subscription, ()) for n in range(1, 6)))
    assert [story.id for story in (await claim(store)).digest] == [1, 2, 3]
    for number in (4, 5):
        post = await post_of(store, number)
        assert (post.status, post.reason) == (
            PostStatus.SKIPPED,
            DigestFull(3),
        )
    await load(store, make_article(4, quality=96, heat=9))
    assert (4, CHANNEL) in (await store.planner_snapshot(9)).posted


async def test_a_digest_of_one_story_is_a_digest(store: Store) -> None:
    """It remains a digest when it is edited."""
    subscription = await subscribe(store, delivery=DAILY)
    await load(store, make_article(1))
    await plan(store, (1, subscription, ()))
    claimed = await claim(store)
    assert [story.id for story in claimed.digest] == [1]
    await Outbox(store).settle(claimed.post.id, Sent(7), START)
    await load(store, make_article(1, title="Better"))
    await plan(store)
    (edit,) = await store.due_edits(START, 9, [])
    assert [story.article.title for story in edit.digest] == ["Better"]


@pytest.mark.parametrize(
    ("settlement", "status"),
    [
        (Sent(77), PostStatus.SENT),
        (Failed(MessageRefused("refused")), PostStatus.FAILED),
        (Skipped(OperatorSkipped("no")), PostStatus.SKIPPED),
        (Uncertain(Cause.HISTORY_FORBIDDEN), PostStatus.UNCERTAIN),
    ],
    ids=["sent", "failed", "skipped", "uncertain"],
)
async def test_posts_of_a_digest_share_its_result(
    waiting: Store, settlement: Settlement, status: PostStatus
) -> None:
    """They share its reason and message, too."""
    claimed = await claim(waiting, EIGHT)
    await Outbox(waiting).settle(claimed.post.id, settlement, EIGHT)
    assert await statuses_of(waiting, 1, 2, 3) == [status] * 3
    posts = [await post_of(waiting, n) for n in (1, 2, 3)]
    assert {post.reason for post in posts} == {getattr(settlement, "reason", None)}
    assert {post.message_id for post in posts} == {getattr(settlement, "message_id", None)}
    assert {post.settled_at for post in posts} == {EIGHT}


@pytest.mark.parametrize(
    "settlement",
    [RetryAt(EIGHT + HOUR, Cause.CONNECTION_FAILED), Held(EIGHT + HOUR, QuietHours(time(9)))],
    ids=["retry", "held"],
)
async def test_a_digest_that_was_not_sent_is_composed_again(
    waiting: Store, settlement: Settlement
) -> None:
    """Other stories may be the best later, and no story is sent before the rest."""
    claimed = await claim(waiting, EIGHT)
    await Outbox(waiting).settle(claimed.post.id, settlement, EIGHT)
    assert list(await Outbox(waiting).claim(EIGHT + HOUR - SECOND, 9, [])) == []
    await load(waiting, make_article(3, quality=120))
    again = await claim(waiting, EIGHT + HOUR)
    assert [story.id for story in again.digest] == [3, 2, 1]


async def test_a_digest_with_unknown_outcome_keeps_its_stories(waiting: Store) -> None:
    """The message may exist; stories that become due meanwhile come after it."""
    claimed = await claim(waiting, EIGHT)
    await Outbox(waiting).settle(claimed.post.id, UNKNOWN, EIGHT)
    (subscription,) = await waiting.list_subscriptions(GUILD)
    await load(waiting, make_article(4, quality=150))
    await plan(waiting, (4, subscription, ()), due_at=EIGHT)
    again = await claim(waiting, EIGHT + SECOND)
    assert [story.id for story in again.digest] == [2, 1, 3]
    assert again.post.nonce == claimed.post.nonce
    await Outbox(waiting).settle(again.post.id, Sent(7), EIGHT + SECOND)
    assert [story.id for story in (await claim(waiting, EIGHT + SECOND)).digest] == [4]


async def test_a_crash_keeps_a_digest_together(waiting: Store) -> None:
    """It may have been sent, so it is searched for by the same mark."""
    claimed = await claim(waiting, EIGHT)
    assert await Outbox(waiting).recover_claims(EIGHT + SECOND) == 1
    again = await claim(waiting, EIGHT + SECOND)
    assert again.post.mark == claimed.post.mark
    assert [story.id for story in again.digest] == [2, 1, 3]


async def test_a_withdrawn_story_is_left_out(waiting: Store) -> None:
    """It is skipped with that reason, and the next best story leads."""
    await waiting.withdraw_documents("s", ["2.md"])
    assert [story.id for story in (await claim(waiting, EIGHT)).digest] == [1, 3]
    assert (await post_of(waiting, 2)).reason == Cause.STORY_WITHDRAWN


async def test_a_digest_of_withdrawn_stories_is_not_sent(waiting: Store) -> None:
    await waiting.withdraw_documents("s", ["1.md", "2.md", "3.md"])
    assert list(await Outbox(waiting).claim(EIGHT, 9, [])) == []
    assert await statuses_of(waiting, 1, 2, 3) == [PostStatus.SKIPPED] * 3


async def test_a_change_of_any_story_edits_the_digest(waiting: Store) -> None:
    """It is edited once, because it is one message."""
    claimed = await claim(waiting, EIGHT)
    await Outbox(waiting).settle(claimed.post.id, Sent(7), EIGHT)
    assert await waiting.count_edits() == 0
    await load(waiting, make_article(1, title="One"), make_article(3, title="Three"))
    await waiting.withdraw_documents("s", ["2.md"])
    await plan(waiting)
    (edit,) = await waiting.due_edits(EIGHT, 9, [])
    assert edit.post.id == claimed.post.id
    shown = [(story.article.title, story.withdrawn) for story in edit.digest]
    assert shown == [("Story 2", True), ("One", False), ("Three", False)]
    await Outbox(waiting).finish_edit(edit, EIGHT)
    assert await waiting.count_edits() == 0


async def test_a_change_while_a_digest_is_sent_is_not_lost(
    waiting: Store,
) -> None:
    """The story need not be the first one, and the digest may be being edited."""
    claimed = await claim(waiting, EIGHT)
    await load(waiting, make_article(3, title="Three"))
    await Outbox(waiting).settle(claimed.post.id, Sent(7), EIGHT)
    (edit,) = await waiting.due_edits(EIGHT, 9, [])
    await load(waiting, make_article(3, title="Drei"))
    await Outbox(waiting).finish_edit(edit, EIGHT)
    (edit,) = await waiting.due_edits(EIGHT, 9, [])
    assert edit.digest[-1].article.title == "Drei"


async def test_digests_do_not_count_against_the_hourly_cap(store: Store) -> None:
    subscription = await subscribe(store, delivery=DAILY, max_per_hour=1)
    await load(store, *map(make_article, (1, 2)))
    await plan(store, (1, subscription, ()))
    claimed = await claim(store)
    await Outbox(store).settle(claimed.post.id, Sent(7), START)
    await plan(store, (2, subscription, ()), now=START + SECOND)
    assert (await claim(store, START + SECOND)).story.id == 2


async def test_two_subscriptions_of_a_channel_have_a_digest_each(store: Store) -> None:
    """They are claimed one after the other."""
    one, two = await subscribe(store, delivery=DAILY), await subscribe(store, delivery=DAILY)
    await load(store, *map(make_article, (1, 2)))
    await plan(store, (1, one, ()), (2, two, ()))
    assert [story.id for story in (await claim(store)).digest] == [1]
    assert [story.id for story in (await claim(store)).digest] == [2]


async def test_an_operator_settles_a_digest_as_a_whole(waiting: Store) -> None:
    """Any of its posts may be named, because it is one message."""
    claimed = await claim(waiting, EIGHT)
    await Outbox(waiting).settle(claimed.post.id, Uncertain(Cause.HISTORY_FORBIDDEN), EIGHT)
    await Outbox(waiting).override((await post_of(waiting, 3)).id, Sent(7), EIGHT)
    assert await statuses_of(waiting, 1, 2, 3) == [PostStatus.SENT] * 3


async def test_an_operator_sends_a_digest_again(waiting: Store) -> None:
    """It is one message again."""
    claimed = await claim(waiting, EIGHT)
    await Outbox(waiting).settle(claimed.post.id, Uncertain(Cause.HISTORY_FORBIDDEN), EIGHT)
    await Outbox(waiting).override((await post_of(waiting, 1)).id, None, EIGHT + HOUR)
    again = await claim(waiting, EIGHT + HOUR)
    assert [story.id for story in again.digest] == [2, 1, 3]
    assert again.post.unknown_since is None


async def test_a_removal_keeps_a_digest_that_may_be_sent(
    waiting: Store,
) -> None:
    """It is settled first, with all its stories."""
    claimed = await claim(waiting, EIGHT)
    await Outbox(waiting).settle(claimed.post.id, UNKNOWN, EIGHT)
    (subscription,) = await waiting.list_subscriptions(GUILD)
    await remove_subscription(waiting, GUILD, subscription.id, EIGHT)
    await delete_subscriptions(waiting, EIGHT, removed_by=EIGHT)
    again = await claim(waiting, EIGHT + SECOND)
    assert (again.subscription, len(again.digest)) == (None, 3)
    await Outbox(waiting).settle(again.post.id, Sent(7), EIGHT)
    assert await statuses_of(waiting, 1, 2, 3) == [PostStatus.SENT] * 3


@pytest.mark.parametrize("days", [1, 5, 30, 3650])
async def test_a_jump_back_never_makes_a_digest_due(waiting: Store, days: int) -> None:
    """It comes at its next time by the new clock."""
    await waiting.correct_times(START - HOUR, first_due)
    assert await waiting.next_due_at(START - DAY) == EIGHT
    now = START - days * DAY
    await waiting.correct_times(now, first_due)
    assert await Outbox(waiting).claim(now, 9, []) == ()
    assert await waiting.next_due_at(now) == EIGHT - days * DAY
    assert len((await claim(waiting, EIGHT - days * DAY)).digest) == 3
