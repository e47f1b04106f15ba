"""`/subscriptions why` says first what became of a story, and marks only what decided that."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

import discord
import pytest

from bot.announce.explain import Explainer
from bot.announce.outbox import Outbox
from bot.announce.poster_port import ChannelClosed, Refused, Unavailable
from bot.announce.subscription_lifecycle import (
    change_subscription,
    delete_subscriptions,
    pause_subscription,
    remove_subscription,
    resume_subscription,
)
from bot.discordapp.messages.command_names import command
from bot.discordapp.rendering.digest import digest_embeds
from bot.discordapp.rendering.lists import story_list, topic_page
from bot.discordapp.rendering.story import story_page
from bot.discordapp.subscriptions.estimate import estimate_matches, show_estimate
from bot.discordapp.subscriptions.why import why_embed
from storage.models import (
    Article,
    DeliveryOptions,
    Digest,
    DigestDays,
    QuietHours,
    Rules,
    StoryQuery,
    SubscriptionSpec,
)
from storage.posts import PostStatus, Skipped
from storage.protocols import Store
from storage.reasons import (
    Cause,
    ConnectionLost,
    MessageReduced,
    MessageRefused,
    OperatorSkipped,
    Part,
    PermissionsMissing,
)
from tests.announce.newsroom import CHANNEL, GUILD, WEEK, Newsroom
from tests.support.articles import make_article, make_documents
from tests.support.clock import START, FakeClock

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SENT, PLANNED, RETRY = PostStatus.SENT, PostStatus.PLANNED, PostStatus.RETRY
FAILED, SKIPPED, FOLDED = PostStatus.FAILED, PostStatus.SKIPPED, PostStatus.FOLDED
# The clock starts on a Monday at 12:00.
SIESTA = DeliveryOptions(quiet=QuietHours(time(10), time(16)), fold=False)
FRIDAYS = DeliveryOptions(digest=Digest(DigestDays.WEEKLY, time(18), weekday=4), fold=False)
AT_FOUR = START + 4 * HOUR
ON_FRIDAY = datetime.fromisoformat("2026-11-27T18:00+00:00")
SAME_EVENT = "Astronomers find water on a distant planet"


@pytest.fixture
async def newsroom(store: Store, clock: FakeClock) -> Newsroom:
    """A newsroom without subscriptions."""
    return Newsroom(store, clock)


@dataclass(frozen=True)
class Answer:
    """The parts of an answer: the outcome, and each subscription's heading and checks."""

    outcome: str
    subscriptions: tuple[tuple[str, Sequence[str]], ...]

    def checks(self, number: int = 1) -> Sequence[str]:
        """The lines below the heading of a subscription."""
        return self.subscriptions[number - 1][1]


async def ask(newsroom: Newsroom, story_id: int = 1) -> Answer:
    """The answer about a story."""
    store, now = newsroom.store, newsroom.clock.now()
    explainer = Explainer(store, store, store, max_age=WEEK)
    found = await explainer.explain(await store.get_story(story_id), GUILD, CHANNEL, now)
    above, _, below = (why_embed(found, CHANNEL, now).description or "").partition("\n\n")
    *outcome, about = above.splitlines()
    assert about.endswith(f" · quality {found.story.article.quality} · {ago(found.story.dated_at)}")
    headings: list[tuple[str, list[str]]] = []
    for line in below.splitlines():
        if line.startswith("**"):
            headings.append((line, []))
        else:
            headings[-1][1].append(line)
    return Answer("\n".join(outcome), tuple(headings))


def ago(moment: datetime) -> str:
    """A moment as Discord shows it: "in 4 hours"."""
    return f"<t:{int(moment.timestamp())}:R>"


def at(moment: datetime | None) -> str:
    """A moment as Discord shows it: "12 March 2026 14:05"."""
    assert moment is not None
    return f"<t:{int(moment.timestamp())}:f>"


def link(message_id: int | None) -> str:
    """The link to a message in the channel."""
    return f"https://discord.com/channels/{GUILD}/{CHANNEL}/{message_id}"


def old(number: int) -> Article:
    """An article of last year."""
    return make_article(number, published_at=START - 300 * DAY)


# Stories in the channel


async def test_a_posted_story_has_no_crosses(newsroom: Newsroom) -> None:
    """The rules that decided are marked, whatever has become of the story since then."""
    await newsroom.subscribe(rules=Rules(("AI",), min_quality=70))
    await newsroom.add_stories(1)
    async with newsroom.sending():
        (post,) = await newsroom.until(SENT)
    answer = await ask(newsroom)
    assert answer.outcome == f"**Posted on {at(post.settled_at)}**\n{link(post.message_id)}"
    assert answer.checks() == [
        "✅ Topics: matches AI",
        "✅ Quality: 80 (minimum 70)",
        f"✅ Age: published {ago(START)}",
        "✅ New: new to the subscription",
    ]
    await newsroom.clock.advance(30 * DAY)
    await newsroom.load(make_article(1, quality=40))
    assert (await ask(newsroom)).checks() == [
        "✅ Topics: matches AI",
        "• Quality: 40 (minimum 70)",
        "✅ New: new to the subscription",
    ]


@pytest.mark.parametrize(
    ("count", "words"), [(1, "as the best so far"), (3, "as one of the 3 best so far")]
)
async def test_a_catch_up_story_is_not_refused(newsroom: Newsroom, count: int, words: str) -> None:
    """Neither age nor novelty matters to it."""
    await newsroom.load(*(old(number) for number in range(1, count + 1)))
    await newsroom.subscribe(catch_up=count, delivery=SIESTA)
    answer = await ask(newsroom)
    assert answer.outcome == (
        f"**Waiting to be posted {ago(AT_FOUR)} at the earliest (quiet hours until 16:00),"
        f" {words}**\nIt has no age limit."
    )
    assert answer.checks() == []
    async with newsroom.sending():
        posts = await newsroom.until(*[SENT] * count, step=600)
    post = next(post for post in posts if post.story_id == 1)
    answer = await ask(newsroom)
    assert answer.outcome == (
        f"**Posted on {at(post.settled_at)} {words}**\n{link(post.message_id)}"
    )
    assert answer.checks() == []


async def test_a_catch_up_of_an_earlier_version_is_recognised(newsroom: Newsroom) -> None:
    """Its number of stories was not recorded. An operator's retry is no catch-up."""
    await newsroom.load(old(1))
    await newsroom.subscribe(catch_up=1)
    await newsroom.add_stories(2)
    explainer = Explainer(newsroom.store, newsroom.store, newsroom.store, max_age=WEEK)
    story = await newsroom.store.get_story(1)
    found = await explainer.explain(story, GUILD, CHANNEL, START)
    earlier = why_embed(replace(found, best=0), CHANNEL, START).description or ""
    assert earlier.startswith("**Waiting to be posted as soon as possible, as one of the best so")
    now = newsroom.clock.now()
    await Outbox(newsroom.store).override(2, Skipped(OperatorSkipped()), now)
    await Outbox(newsroom.store).override(2, None, now)
    assert (await ask(newsroom, 2)).outcome == (
        "**Waiting to be posted as soon as possible**\nIt has no age limit."
    )


async def test_a_reduced_message_says_what_it_lacks(newsroom: Newsroom) -> None:
    """The story is in the channel all the same."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    async with newsroom.sending():
        (post,) = await newsroom.until(SENT)
    story = await newsroom.store.get_story(1)
    explainer = Explainer(newsroom.store, newsroom.store, newsroom.store, max_age=WEEK)
    found = await explainer.explain(story, GUILD, CHANNEL, START)
    reduced = replace(post, reason=MessageReduced((Part.PICTURE,), "Invalid Form Body"))
    text = why_embed(replace(found, post=reduced), CHANNEL, START).description or ""
    assert text.startswith(f"**Posted on {at(post.settled_at)}**\n{link(post.message_id)}\n")
    assert "It was posted without its picture, which Discord rejected: Invalid" in text


async def test_a_digest_is_named(newsroom: Newsroom) -> None:
    """Its stories share its outcome: while they wait, while that is unknown, and afterwards."""
    await newsroom.subscribe(delivery=FRIDAYS)
    await newsroom.load(make_article(1), make_article(2, quality=90))
    assert (await ask(newsroom)).outcome == (
        f"**Waiting for the digest {ago(ON_FRIDAY)}, which contains the 10 best**"
    )
    newsroom.poster.prepare(
        Unavailable(ConnectionLost("cut off"), unknown=True, retry_after=HOUR / 60)
    )
    async with newsroom.sending():
        lead, _ = sorted(await newsroom.until(PLANNED, RETRY, step=3600), key=lambda post: -post.id)
        assert (await ask(newsroom)).outcome == (
            "**May already be posted, in the same digest as [Story 2](https://news.example/2)"
            " (the connection to Discord was lost)**\n"
            f"I'll check {ago(lead.due_at)} at the earliest."
        )
        post, _ = await newsroom.until(SENT, SENT, step=1)
    sent_at = discord.utils.snowflake_time(post.message_id or 0)
    assert (await ask(newsroom)).outcome == (
        f"**Posted on {at(sent_at)}, number 2 in a digest**\n{link(post.message_id)}"
    )


async def test_coverage_links_to_the_message_that_shows_it(newsroom: Newsroom) -> None:
    """Before that message is sent, the answer says so; the evidence is shown in both cases."""
    evidence = (
        "The same event: both mention Astronomers, find, water, distant; less than an hour apart."
    )
    await newsroom.subscribe(delivery=DeliveryOptions())
    await newsroom.load(make_article(1, title=SAME_EVENT), make_article(2, title=f"{SAME_EVENT}!"))
    other = f"[{SAME_EVENT}](https://news.example/1)"
    answer = await ask(newsroom, 2)
    assert answer.outcome == (
        f"**Waiting as coverage of {other}, which is not posted yet**\n{evidence}"
    )
    assert "❌" not in str(answer.checks())
    async with newsroom.sending():
        host, folded = await newsroom.until(SENT, FOLDED)
    answer = await ask(newsroom, 2)
    assert answer.outcome == (
        f"**Shown as coverage of {other} since {at(folded.settled_at)}**\n{link(host.message_id)}"
        f"\n{evidence}"
    )
    assert "❌" not in str(answer.checks())


@pytest.mark.parametrize("deletes", [False, True])
async def test_a_withdrawn_story_was_posted(newsroom: Newsroom, deletes: bool) -> None:
    """Its message is struck through or deleted."""
    newsroom.deletes = deletes
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    async with newsroom.sending():
        (post,) = await newsroom.until(SENT)
        await newsroom.withdraw(1)
        await newsroom.run(timedelta(seconds=5))
    answer = await ask(newsroom)
    below = "Its message was deleted." if deletes else link(post.message_id)
    assert answer.outcome == f"**Posted on {at(post.settled_at)}, and later withdrawn**\n{below}"
    assert "❌" not in str(answer.checks())


async def test_the_post_of_a_removed_subscription_is_explained(newsroom: Newsroom) -> None:
    """The channel's other subscriptions show what they think of the story."""
    subscription = await newsroom.subscribe()
    await newsroom.add_stories(1)
    async with newsroom.sending():
        (post,) = await newsroom.until(SENT)
    await newsroom.subscribe(rules=Rules(min_quality=99))
    now = newsroom.clock.now()
    await remove_subscription(newsroom.store, GUILD, subscription, now)
    await delete_subscriptions(newsroom.store, now, removed_by=now)
    answer = await ask(newsroom)
    assert answer.outcome == (
        f"**Posted on {at(post.settled_at)}**\n{link(post.message_id)}\n"
        "The subscription that posted it was removed or moved since then."
    )
    assert answer.checks() == ["❌ Quality: 80 (minimum 99)"]


async def test_each_subscription_of_a_channel_has_its_verdict(newsroom: Newsroom) -> None:
    """Of several that match, one posts the story. The others did not refuse it."""
    await newsroom.subscribe(rules=Rules(("Space",)))
    await newsroom.subscribe(rules=Rules(("AI",)))
    await newsroom.subscribe(rules=Rules(min_quality=60))
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(SENT)
    answer = await ask(newsroom)
    assert answer.subscriptions == (
        ("**Subscription 1:** Space · quality 0+", ["❌ Topics: no match for Space"]),
        (
            "**Subscription 2:** AI · quality 0+ (chose this story)",
            ["✅ Topics: matches AI", *answer.checks(2)[1:]],
        ),
        (
            "**Subscription 3:** all topics · quality 60+",
            ["✅ Quality: 80 (minimum 60)", "• Not a repeat: already posted here"],
        ),
    )


# Stories that wait


async def test_a_paused_story_is_not_refused(newsroom: Newsroom) -> None:
    """It waits until the pause ends; a story that arrives meanwhile is not planned."""
    number = await newsroom.subscribe(rules=Rules(min_quality=70), delivery=FRIDAYS)
    await newsroom.add_stories(1)
    await pause_subscription(newsroom.store, GUILD, number, START)
    answer = await ask(newsroom)
    assert answer.outcome == (
        f"**Waiting until {command('subscriptions resume')},"
        " because an admin paused its subscription**"
    )
    assert answer.checks() == [
        "✅ Quality: 80 (minimum 70)",
        f"✅ Age: published {ago(START)}",
        "✅ New: new to the subscription",
    ]
    await newsroom.add_stories(2)
    answer = await ask(newsroom, 2)
    assert answer.outcome == (
        f"**Not planned for <#{CHANNEL}>: an admin paused the subscription that wants it, and"
        " stories that arrive during a pause are not posted.**"
    )
    assert "❌" not in str(answer.checks())
    subscription = await newsroom.store.get_subscription(GUILD, number)
    await resume_subscription(newsroom.store, subscription, START, max_age=WEEK)
    assert (await ask(newsroom, 2)).outcome == (
        f"**Not selected for <#{CHANNEL}>: already matched when the subscription was added,"
        " edited or resumed**"
    )


async def test_a_story_waits_for_a_permission(newsroom: Newsroom) -> None:
    """The bot paused the subscription, and resumes it automatically."""
    await newsroom.subscribe()
    newsroom.poster.channel_outcomes[CHANNEL] = ChannelClosed(PermissionsMissing(("Embed Links",)))
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until_true(lambda: newsroom.poster.reported)
    answer = await ask(newsroom)
    assert answer.outcome == (
        "**Waiting until I can post here again (missing permission: Embed Links)**"
    )
    assert "❌" not in str(answer.checks())


async def test_a_story_that_will_be_skipped_says_so(newsroom: Newsroom) -> None:
    """It became too old, or was withdrawn, while it waited."""
    number = await newsroom.subscribe()
    await newsroom.add_stories(1, 2)
    await pause_subscription(newsroom.store, GUILD, number, START)
    await newsroom.clock.advance(8 * DAY)
    await newsroom.withdraw(2)
    paused = (
        f"**Waiting until {command('subscriptions resume')},"
        " because an admin paused its subscription**\n"
    )
    assert (await ask(newsroom, 1)).outcome == (
        f"{paused}It is too old by now, and is skipped at its turn."
    )
    assert (await ask(newsroom, 2)).outcome == (
        f"{paused}It was withdrawn, and is skipped unless it comes back before its turn."
    )


async def test_the_hourly_limit_gives_no_time(newsroom: Newsroom) -> None:
    """A story that is due has no time in advance."""
    await newsroom.subscribe(max_per_hour=1)
    await newsroom.add_stories(1, 2)
    async with newsroom.sending():
        await newsroom.until(SENT, PLANNED)
        answer = await ask(newsroom, 2)
    assert answer.outcome == "**Waiting to be posted as soon as possible, at most 1 per hour**"


async def test_an_outage_shows_the_next_attempt(newsroom: Newsroom) -> None:
    """It is also shown if the outcome of the last attempt is unknown."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    newsroom.poster.prepare(Unavailable(Cause.CONNECTION_FAILED, unknown=False, retry_after=HOUR))
    async with newsroom.sending():
        (post,) = await newsroom.until(RETRY)
        turn = f"{ago(post.due_at)} at the earliest"
        assert (await ask(newsroom)).outcome == (
            f"**Waiting to be posted {turn} (can't connect to Discord)**"
        )
        newsroom.poster.prepare(
            Unavailable(ConnectionLost("cut off"), unknown=True, retry_after=HOUR)
        )
        await newsroom.until_true(lambda: len(newsroom.poster.requests) == 2, step=60)
        (post,) = await newsroom.until(RETRY)
        answer = await ask(newsroom)
        assert answer.outcome == (
            "**May already be posted (the connection to Discord was lost)**\n"
            f"I'll check {ago(post.due_at)} at the earliest."
        )
        assert "❌" not in str(answer.checks())


async def test_a_story_waits_for_the_undo_of_a_removal(newsroom: Newsroom) -> None:
    """A story of a removed subscription is posted only if the removal is undone."""
    subscription = await newsroom.subscribe(delivery=SIESTA)
    await newsroom.add_stories(1)
    await remove_subscription(newsroom.store, GUILD, subscription, START)
    assert (await ask(newsroom)).outcome == (
        "**Waiting until the removal of its subscription is undone or final**"
    )


# Stories that are not in the channel


@pytest.mark.parametrize(
    ("rules", "article", "why"),
    [
        (Rules(min_quality=90), {}, "quality 80 (minimum 90)"),
        (Rules(min_heat=100), {"heat": 90}, "heat 90 (minimum 100)"),
        (Rules(("Space",)), {}, "topics: no match for Space"),
        (Rules(words=("a*b",)), {}, "words: no match for “a\\*b”"),
        (
            Rules(min_quality=90),
            {"published_at": START - 8 * DAY},
            f"quality 80 (minimum 90); published {ago(START - 8 * DAY)}, older than 7 days",
        ),
        (
            Rules(),
            {"published_at": START - 8 * DAY},
            f"published {ago(START - 8 * DAY)}, older than 7 days",
        ),
    ],
)
async def test_a_story_that_is_not_wanted_has_a_reason(
    newsroom: Newsroom, rules: Rules, article: dict[str, object], why: str
) -> None:
    """Rules that it meets are not marked."""
    await newsroom.subscribe(rules=rules)
    await newsroom.load(make_article(1, **article))
    answer = await ask(newsroom)
    assert answer.outcome == f"**Not selected for <#{CHANNEL}>: {why}**"
    assert "✅" not in str(answer.checks())
    assert str(answer.checks()).count("❌") == why.count("; ") + 1


async def test_several_subscriptions_may_refuse_a_story(newsroom: Newsroom) -> None:
    """Each shows its own reason."""
    assert (await no_subscription(newsroom)).endswith("this channel has no subscriptions.**")
    await newsroom.subscribe(rules=Rules(("Space",)))
    await newsroom.subscribe(rules=Rules(("AI",), min_quality=90))
    await newsroom.add_stories(2)
    answer = await ask(newsroom, 2)
    assert answer.outcome == (
        f"**Not selected for <#{CHANNEL}>: none of its subscriptions wants it**"
    )
    assert answer.checks(1) == ["❌ Topics: no match for Space"]
    assert answer.checks(2) == ["• Topics: matches AI", "❌ Quality: 80 (minimum 90)"]
    await newsroom.load(make_article(3, published_at=START - 8 * DAY))
    assert (await ask(newsroom, 3)).outcome == (
        f"**Not selected for <#{CHANNEL}>: published {ago(START - 8 * DAY)}, older than 7 days**"
    )


async def no_subscription(newsroom: Newsroom) -> str:
    """The outcome of a story in a channel without subscriptions."""
    await newsroom.add_stories(1)
    return (await ask(newsroom)).outcome


async def test_the_recorded_reason_decided(newsroom: Newsroom) -> None:
    """Of a skipped post, only the rule that it was skipped for is marked."""
    number = await newsroom.subscribe(rules=Rules(min_quality=70), delivery=SIESTA)
    await newsroom.add_stories(1, 2, 3)
    subscription = await newsroom.store.get_subscription(GUILD, number)
    spec = replace(subscription.spec, rules=Rules(min_quality=81))
    now = newsroom.clock.now()
    await Outbox(newsroom.store).override(1, Skipped(OperatorSkipped("not wanted")), now)
    await newsroom.load(make_article(2, quality=90))
    await change_subscription(
        newsroom.store, subscription, spec, max_age=WEEK, due_at=AT_FOUR, now=now
    )
    await newsroom.clock.advance(8 * DAY)
    async with newsroom.sending():
        posts = await newsroom.until(SKIPPED, SKIPPED, SKIPPED)
    times = [at(post.settled_at) for post in posts]
    answer = await ask(newsroom, 1)
    assert answer.outcome == f"**Skipped on {times[0]}: not wanted**"
    assert answer.checks() == ["• Quality: 80 (minimum 81)"]
    answer = await ask(newsroom, 2)
    assert answer.outcome == f"**Skipped on {times[1]}: older than 7 days**"
    assert answer.checks() == [
        "• Quality: 90 (minimum 81)",
        f"❌ Age: published {ago(START)}, older than 7 days",
    ]
    answer = await ask(newsroom, 3)
    assert answer.outcome == (
        f"**Skipped on {times[2]}: it no longer matches the subscription's rules**"
    )
    assert answer.checks() == ["❌ Quality: 80 (minimum 81)"]


async def test_a_full_digest_refused_no_rule(newsroom: Newsroom) -> None:
    """The story met all rules, and others were better."""
    delivery = replace(FRIDAYS, digest=Digest(DigestDays.WEEKLY, time(18), weekday=4, best=1))
    await newsroom.subscribe(delivery=delivery)
    await newsroom.subscribe(rules=Rules(("AI",)))
    await newsroom.load(make_article(1), make_article(2, quality=90))
    async with newsroom.sending():
        post, _ = await newsroom.until(SKIPPED, SENT, step=3600)
    answer = await ask(newsroom)
    assert answer.outcome == (
        f"**Skipped on {at(post.settled_at)}: not among the top 1 of the digest**"
    )
    assert "❌" not in str(answer.subscriptions)
    assert answer.checks(2) == ["✅ Topics: matches AI", "• Not a repeat: skipped here"]


async def test_a_failure_is_not_the_rules_fault(newsroom: Newsroom) -> None:
    """Discord rejected one post, and the outcome of the other can't be found out."""
    await newsroom.subscribe(rules=Rules(min_quality=70))
    newsroom.poster.prepare(Refused(MessageRefused("Invalid Form Body")))
    newsroom.poster.prepare(Unavailable(ConnectionLost("cut off"), unknown=True, retry_after=HOUR))
    newsroom.poster.readable = False
    async with newsroom.sending():
        await newsroom.add_stories(1)
        await newsroom.until(FAILED)
        await newsroom.add_stories(2)
        failed, uncertain = await newsroom.until(FAILED, PostStatus.UNCERTAIN, step=60)
    answer = await ask(newsroom)
    assert answer.outcome == (
        f"**Failed on {at(failed.settled_at)}: Discord rejected the message: Invalid Form Body**"
    )
    assert answer.checks()[0] == "✅ Quality: 80 (minimum 70)"
    answer = await ask(newsroom, 2)
    assert answer.outcome == (
        f"**Uncertain since {at(uncertain.settled_at)}: it may have been sent, but the bot needs"
        " Read Message History to check**\nAn operator has to look and decide."
    )
    assert "❌" not in str(answer.checks())


async def test_a_story_that_matches_now_may_be_planned_later(newsroom: Newsroom) -> None:
    """The planner has not read it yet."""
    await newsroom.subscribe()
    await newsroom.store.save_documents("s", make_documents(make_article(1)), START)
    assert (await ask(newsroom)).outcome == (
        f"**Not planned for <#{CHANNEL}>, although it matches now: stories are planned when they"
        " arrive or change.**"
    )


# Ages


@pytest.mark.parametrize(
    "published_at",
    [
        START - 36 * HOUR,
        START + 9 * DAY,
        START - timedelta(days=400, microseconds=1),
        datetime.fromisoformat("2026-11-22T23:59:59.999999-07:00"),
        datetime.fromisoformat("1969-12-31T23:59:59.5+00:00"),
    ],
    ids=str,
)
async def test_ages_agree_between_commands(newsroom: Newsroom, published_at: datetime) -> None:
    """Every answer shows the time from which age counts, and leaves rounding to Discord."""
    store, now = newsroom.store, START + 2 * DAY
    await newsroom.load(make_article(1, published_at=published_at))
    await newsroom.subscribe(rules=Rules(("AI",)))
    story = await store.get_story(1)
    seconds = (story.dated_at - datetime.fromisoformat("1970-01-01T00:00Z")) // timedelta(seconds=1)
    age = f"<t:{seconds}:R>"
    explainer = Explainer(store, store, store, max_age=timedelta())
    why = why_embed(await explainer.explain(story, GUILD, CHANNEL, now), CHANNEL, now)
    assert (why.description or "").count(age) == (why.description or "").count("<t:") == 3
    preview = discord.Embed()
    show_estimate(preview, await estimate_matches(store, SubscriptionSpec(CHANNEL), (), now))
    assert age in str(preview.fields[0].value)
    found = await store.find_stories(StoryQuery())
    topic = await store.get_topic("AI")
    pages = (
        story_list("Latest", found, 0).embed,
        topic_page(await store.summarise_topic(topic.id), found, 0).embed,
        *digest_embeds("Digest", found.stories),
    )
    for embed in pages:
        times = str(embed.description)
        assert times.count(age) == times.count("<t:") > 0
    assert topic.newest_at == story.dated_at
    shown = story_page(story, 0).embed.timestamp
    assert shown == (story.dated_at if seconds >= 0 else None)
