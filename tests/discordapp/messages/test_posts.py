"""`status`, `why` and `list` are right whatever became of a post."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

import pytest

from bot.announce.explain import Explainer
from bot.announce.outbox import Outbox
from bot.announce.poster_port import ChannelClosed, Refused, Unavailable
from bot.announce.subscription_lifecycle import pause_subscription, remove_subscription
from bot.discordapp.messages.subscription_summary import describe_list
from bot.discordapp.subscriptions.status import SINCE, status_embed
from bot.discordapp.subscriptions.why import why_embed
from storage.models import DeliveryOptions, Digest, DigestDays, QuietHours, Rules
from storage.posts import PostStatus, Skipped
from storage.protocols import Store
from storage.reasons import (
    Cause,
    ConnectionLost,
    MessageRefused,
    OperatorSkipped,
    PermissionsMissing,
)
from tests.announce.newsroom import CHANNEL, GUILD, WEEK, Newsroom
from tests.support.articles import make_article
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
    standings = [
        (each, await store.subscription_activity(GUILD, each.id, now - SINCE))
        for each in await store.list_subscriptions(GUILD)
    ]
    lines = (status_embed(standings, lambda _: None, now).description or "").splitlines()
    return [line for line in lines if line and line[0] not in "*❌-"]


async def why(newsroom: Newsroom, story_id: int = 1) -> tuple[str, str]:
    """The lines of `/subscriptions why` about the rule "Not a repeat", and about the outcome."""
    store = newsroom.store
    explainer = Explainer(store, store, store, max_age=WEEK)
    now = newsroom.clock.now()
    found = await explainer.explain(await store.get_story(story_id), GUILD, CHANNEL, now)
    embed = why_embed(found, CHANNEL, now)
    once = [line for line in (embed.description or "").splitlines() if " Not a repeat: " in line]
    outcome = [line for line in (embed.fields[0].value or "").splitlines() if "-#" not in line]
    return "".join(once), "\n".join(outcome)


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
        assert await why(newsroom) == (
            "❌ Not a repeat: already waiting to be posted here",
            f"Waiting. It will be posted {shown(AT_FOUR)} at the earliest"
            " (quiet hours until 16:00)."
            "\nNo age limit: it's a catch-up story, or an operator retried it.",
        )
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
    _, outcome = await why(newsroom)
    assert outcome == f"Waiting. It will be posted {shown(ON_FRIDAY)} at the earliest."


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
        "⏸ Paused by an admin until `/subscriptions resume`. 1 story waits."
        " Stories that arrive during the pause are not posted."
    )
    assert await status(newsroom) == ["0 posted, 1 waiting, 0 skipped", pause]
    assert (await listed(newsroom))[1:] == [f"  {pause}"]
    assert await why(newsroom) == (
        "✅ Not a repeat: not posted here yet",
        "Waiting until `/subscriptions resume`: an admin paused its subscription.",
    )


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
    assert await why(newsroom) == (
        "❌ Not a repeat: already waiting to be posted here",
        "Waiting until I can post here again (missing permission: Embed Links).",
    )


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
        assert await why(newsroom, 2) == (
            "❌ Not a repeat: already waiting to be posted here",
            "Waiting. It will be posted as soon as possible, at most 1 per hour.",
        )


async def test_an_outage_shows_the_next_attempt(newsroom: Newsroom) -> None:
    """It is also shown if the outcome of the last attempt is unknown."""
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
        _, outcome = await why(newsroom)
        assert outcome == (
            f"Waiting. It will be posted {shown(until)} at the earliest (can't connect to Discord)."
        )
        newsroom.poster.prepare(
            Unavailable(ConnectionLost("cut off"), unknown=True, retry_after=HOUR)
        )
        await newsroom.until_true(lambda: len(newsroom.poster.requests) == 2, step=60)
        (post,) = await newsroom.until(RETRY)
        assert await why(newsroom) == (
            "❌ Not a repeat: may already be posted here",
            "May already be posted (the connection was lost: cut off). I'll check"
            f" {shown(post.due_at)} at the earliest.",
        )


async def test_a_withdrawn_post_is_shown_as_posted_and_withdrawn(newsroom: Newsroom) -> None:
    """Its message may be struck through or deleted."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    async with newsroom.sending():
        (post,) = await newsroom.until(SENT)
        link = f"https://discord.com/channels/{GUILD}/{CHANNEL}/{post.message_id}"
        assert await why(newsroom) == ("❌ Not a repeat: already posted here", f"Posted: {link}")
        await newsroom.withdraw(1)
    _, outcome = await why(newsroom)
    assert outcome == f"Posted, and later withdrawn: {link}"
    assert await status(newsroom) == ["1 posted, 0 waiting, 0 skipped"]


async def test_a_removed_subscription_is_explained(
    newsroom: Newsroom,
) -> None:
    """They are posted only if the removal is undone; another subscription may take them over."""
    subscription = await newsroom.subscribe(delivery=SIESTA)
    await newsroom.add_stories(1)
    await remove_subscription(newsroom.store, GUILD, subscription, START)
    _, outcome = await why(newsroom)
    assert outcome == "Its subscription was removed. It is posted only if the removal is undone."
    await newsroom.subscribe(rules=Rules(min_quality=99))
    once, _ = await why(newsroom)
    assert once == "✅ Not a repeat: not posted here yet"


async def test_each_other_outcome_is_not_shown_as_posted(newsroom: Newsroom) -> None:
    """The posts are refused, uncertain, skipped, or shown as coverage."""
    await newsroom.subscribe(delivery=DeliveryOptions())
    newsroom.poster.prepare(Refused(MessageRefused("Invalid Form Body")))
    newsroom.poster.prepare(Unavailable(ConnectionLost("cut off"), unknown=True, retry_after=HOUR))
    newsroom.poster.readable = False
    async with newsroom.sending():
        await newsroom.load(make_article(1, title="One"))
        await newsroom.until(PostStatus.FAILED)
        await newsroom.load(make_article(2, title="Two"))
        await newsroom.until(PostStatus.FAILED, PostStatus.UNCERTAIN, step=60)
    assert await why(newsroom, 1) == (
        "❌ Not a repeat: rejected by Discord here",
        "Failed: Discord rejected the message: Invalid Form Body",
    )
    assert await why(newsroom, 2) == (
        "❌ Not a repeat: may already be posted here",
        "Uncertain: it may have been sent, but the bot needs Read Message History to check",
    )
    title = "Astronomers find water on a distant planet"
    await newsroom.load(make_article(3, title=title), make_article(4, title=f"{title}!"))
    assert await why(newsroom, 4) == (
        "❌ Not a repeat: already shown here as coverage of another story",
        f"Shown as coverage of [{title}](https://news.example/3).",
    )
    await Outbox(newsroom.store).override(
        3, Skipped(OperatorSkipped("not wanted")), newsroom.clock.now()
    )
    once, outcome = await why(newsroom, 3)
    assert (once, outcome) == ("✅ Not a repeat: not posted here yet", "Skipped: not wanted")


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
    _, outcome = await why(newsroom, 2)
    assert outcome == "Skipped: published 8 days ago (limit: 7 days)"


async def test_the_stories_of_a_digest_share_its_outcome(newsroom: Newsroom) -> None:
    """They share it while it is unknown, and afterwards."""
    await newsroom.subscribe(delivery=DeliveryOptions(digest=FRIDAYS, fold=False))
    await newsroom.load(make_article(1), make_article(2, quality=90))
    newsroom.poster.prepare(
        Unavailable(ConnectionLost("cut off"), unknown=True, retry_after=HOUR / 60)
    )
    async with newsroom.sending():
        await newsroom.until(PLANNED, RETRY, step=3600)
        _, outcome = await why(newsroom, 1)
        assert outcome == "Waiting for the same digest as [Story 2](https://news.example/2)."
        await newsroom.until(SENT, SENT, step=1)
    _, outcome = await why(newsroom, 1)
    assert outcome.startswith("Posted: https://")
    assert outcome.endswith("\nIn the same digest as [Story 2](https://news.example/2).")
