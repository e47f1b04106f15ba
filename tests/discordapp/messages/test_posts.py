"""`status` and `list` are right whatever became of a post."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

import pytest

from bot.announce.poster_port import ChannelClosed, Unavailable
from bot.announce.subscription_lifecycle import pause_subscription
from bot.discordapp.messages.command_names import command
from bot.discordapp.messages.subscription_summary import describe_list
from bot.discordapp.subscriptions.status import SINCE, status_embed
from storage.models import DeliveryOptions, Digest, DigestDays, QuietHours
from storage.posts import PostStatus
from storage.protocols import Store
from storage.reasons import (
    Cause,
    PermissionsMissing,
)
from tests.announce.newsroom import CHANNEL, GUILD, Newsroom
from tests.support.clock import START, FakeClock

HOUR = timedelta(hours=1)
SENT, PLANNED, RETRY = PostStatus.SENT, PostStatus.PLANNED, PostStatus.RETRY
# The clock starts on a Monday at 12:00.
QUIET = QuietHours(time(10), time(16))
SIESTA = DeliveryOptions(quiet=QUIET, fold=False)
FRIDAYS = Digest(DigestDays.WEEKLY, time(18), weekday=4)
AT_FOUR = START + 4 * HOUR
ON_FRIDAY = datetime.fromisoformat("2026-11-27T18:00+00:00")


@pytest.fixture
async def newsroom(store: Store, clock: FakeClock) -> Newsroom:
    """A newsroom without subscriptions."""
    return Newsroom(store, clock)


async def status(newsroom: Newsroom) -> list[str]:
    """The lines of `/subscriptions status` without permissions."""
    now, store = newsroom.clock.now(), newsroom.store
    subscriptions = await store.list_subscriptions(GUILD)
    standings = [
        (each, await store.subscription_activity(GUILD, each.id, now - SINCE))
        for each in subscriptions
    ]
    embed = status_embed(standings, subscriptions, lambda _: None, now)
    lines = (embed.description or "").splitlines()
    return [line for line in lines if line and line[0] not in "*❌-"]


async def listed(newsroom: Newsroom) -> Sequence[str]:
    """The lines of `/subscriptions list`."""
    subscriptions = await newsroom.store.list_subscriptions(GUILD)
    waiting = {
        each.id: (await newsroom.store.subscription_activity(GUILD, each.id, START)).waiting
        for each in subscriptions
    }
    return describe_list(subscriptions, waiting).splitlines()


def shown(moment: datetime) -> str:
    """A moment as Discord shows it: "in 4 hours"."""
    return f"<t:{int(moment.timestamp())}:R>"


async def test_waiting_catch_up_is_not_a_digest(newsroom: Newsroom) -> None:
    """Catch-up posts are sent when the quiet hours end; the digest has its own time."""
    await newsroom.add_stories(1, 2, 3)
    await newsroom.subscribe(
        catch_up=3, delivery=DeliveryOptions(digest=FRIDAYS, quiet=QUIET, fold=False)
    )
    async with newsroom.sending():
        await newsroom.run(timedelta(minutes=1))
        assert await status(newsroom) == [
            "0 posted, 3 waiting, 0 skipped",
            f"🕘 Next post: {shown(AT_FOUR)} at the earliest",
            f"🕘 Next digest: {shown(ON_FRIDAY)} (if there are any stories)",
        ]
        await newsroom.until(SENT, SENT, SENT, step=600)
    assert await status(newsroom) == [
        "3 posted, 0 waiting, 0 skipped",
        f"🕘 Next digest: {shown(ON_FRIDAY)} (if there are any stories)",
    ]


async def test_a_digest_with_stories_is_certain(newsroom: Newsroom) -> None:
    """Each of its stories waits for it."""
    await newsroom.subscribe(delivery=DeliveryOptions(digest=FRIDAYS, fold=False))
    await newsroom.add_stories(1)
    assert await status(newsroom) == [
        "0 posted, 1 waiting, 0 skipped",
        f"🕘 Next digest: {shown(ON_FRIDAY)}",
    ]


async def test_a_digest_delayed_by_quiet_hours_is_still_next(newsroom: Newsroom) -> None:
    """It is the next one between its own time and the end of the quiet hours."""
    daily = Digest(DigestDays.DAILY, time(15))
    await newsroom.subscribe(delivery=DeliveryOptions(digest=daily, quiet=QUIET, fold=False))
    await newsroom.add_stories(1)
    certain = f"🕘 Next digest: {shown(AT_FOUR)}"
    assert (await status(newsroom))[1:] == [certain]
    await newsroom.clock.advance(3.5 * HOUR)
    assert (await status(newsroom))[1:] == [certain]
    async with newsroom.sending():
        await newsroom.until(SENT, step=60)
    tomorrow = AT_FOUR + timedelta(days=1)
    assert (await status(newsroom))[1:] == [
        f"🕘 Next digest: {shown(tomorrow)} (if there are any stories)"
    ]


async def test_a_pause_by_an_admin_is_explained(
    newsroom: Newsroom,
) -> None:
    """Nothing is posted during the pause, and waiting posts are kept until it ends."""
    subscription = await newsroom.subscribe(delivery=SIESTA)
    await newsroom.add_stories(1)
    await pause_subscription(newsroom.store, GUILD, subscription, START)
    pause = (
        f"⏸ Paused by an admin until {command('subscriptions resume')}. 1 story waits."
        " Stories that arrive during the pause are not posted."
    )
    assert await status(newsroom) == ["0 posted, 1 waiting, 0 skipped", pause]
    assert (await listed(newsroom))[1:] == [f"  {pause}"]


async def test_posts_waiting_for_a_permission_say_so(newsroom: Newsroom) -> None:
    """The bot paused the subscription, and resumes it automatically."""
    await newsroom.subscribe()
    newsroom.poster.channel_outcomes[CHANNEL] = ChannelClosed(PermissionsMissing(("Embed Links",)))
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until_true(lambda: newsroom.poster.reported)
    pause = (
        "⏸ Paused by me (missing permission: Embed Links)."
        " 1 story waits until I can post there again."
    )
    assert await status(newsroom) == ["0 posted, 1 waiting, 0 skipped", pause]
    assert (await listed(newsroom))[1:] == [f"  {pause}"]


async def test_a_due_post_has_no_time(newsroom: Newsroom) -> None:
    """The hourly limit gives no time in advance, and a past time is not shown."""
    await newsroom.subscribe(max_per_hour=1)
    await newsroom.add_stories(1, 2)
    async with newsroom.sending():
        await newsroom.until(SENT, PLANNED)
        await newsroom.run(HOUR / 2, step=60)
        assert await status(newsroom) == [
            "1 posted, 1 waiting, 0 skipped",
            "🕘 Next post: as soon as possible, at most 1 per hour",
        ]


async def test_an_outage_shows_the_next_attempt(newsroom: Newsroom) -> None:
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    until = START + HOUR
    newsroom.poster.prepare(Unavailable(Cause.CONNECTION_FAILED, unknown=False, retry_after=HOUR))
    async with newsroom.sending():
        (post,) = await newsroom.until(RETRY)
        until = post.due_at
        assert await status(newsroom) == [
            "0 posted, 1 waiting, 0 skipped",
            f"🕘 Next post: {shown(until)} at the earliest",
        ]


async def test_skipped_posts_are_counted_by_kind_of_reason(newsroom: Newsroom) -> None:
    """Stories of different ages are too old for the same reason."""
    await newsroom.subscribe(delivery=SIESTA)
    await newsroom.add_stories(1)
    await newsroom.clock.advance(timedelta(minutes=90))
    await newsroom.add_stories(2)
    await newsroom.clock.advance(timedelta(days=8, hours=4))
    async with newsroom.sending():
        await newsroom.until(PostStatus.SKIPPED, PostStatus.SKIPPED)
    assert await status(newsroom) == [
        "0 posted, 0 waiting, 2 skipped",
        "• 2 skipped: older than 7 days",
    ]
