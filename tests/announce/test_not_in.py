"""`not_in`: what another channel of the server takes is left to it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.announce.explain import Explainer
from bot.announce.policy import decide_all, find_takers, select_wanted, takers_of
from bot.announce.poster_port import ChannelGone
from bot.announce.subscription_lifecycle import (
    change_subscription,
    pause_subscription,
    remove_subscription,
    restore_subscription,
    resume_subscription,
)
from bot.announce.verdicts import ChannelMatch, RuleName
from storage.models import (
    DeliveryOptions,
    Digest,
    DigestDays,
    PausedBy,
    Rules,
    Subscription,
    SubscriptionSpec,
)
from storage.posts import PlannerSnapshot, PostStatus
from storage.reasons import AccessRefused, Cause, ChannelDeleted
from tests.announce.newsroom import GUILD, WEEK, Newsroom
from tests.support.articles import make_article, make_documents, make_story
from tests.support.clock import START

NEWS, AI, LABS = 20, 21, 22
DAILY = DeliveryOptions("UTC", Digest(DigestDays.DAILY, time(8), best=5), fold=False)
BEST = Rules(min_quality=90)
REST = Rules(not_in=(AI,))
PLANNED, SKIPPED = PostStatus.PLANNED, PostStatus.SKIPPED


def spec(channel: int, *not_in: int, min_quality: int = 0) -> SubscriptionSpec:
    return SubscriptionSpec(channel, Rules(min_quality=min_quality, not_in=not_in))


async def channels(newsroom: Newsroom, story: int) -> list[int]:
    """The channels that have, or will get, a story."""
    return [
        post.channel_id
        for post in await newsroom.posts()
        if post.story_id == story and post.status is not SKIPPED
    ]


async def only(newsroom: Newsroom, channel: int) -> Subscription:
    (found,) = await newsroom.store.list_subscriptions(GUILD, channel)
    return found


async def explained(newsroom: Newsroom, story: int, channel: int) -> ChannelMatch:
    """What `/subscriptions why` finds about the rule."""
    store = newsroom.store
    explanation = await Explainer(store, store, store, max_age=WEEK).explain(
        await store.get_story(story), GUILD, channel, newsroom.clock.now()
    )
    (decision,) = explanation.decisions
    (match,) = (check.verdict for check, _ in decision.checks if check.rule is RuleName.NOT_IN)
    assert isinstance(match, ChannelMatch)
    return match


def test_a_chain_leaves_each_story_to_one_channel() -> None:
    """A channel that leaves a story to another does not take it."""
    chain = [spec(NEWS, AI), spec(AI, LABS), spec(LABS)]
    assert find_takers(chain) == {NEWS, LABS}
    assert find_takers([spec(NEWS, AI, LABS), *chain[1:]]) == {LABS}
    assert find_takers(chain[:2]) == {AI}


def test_the_oldest_of_a_circle_takes_a_story() -> None:
    for circle in ([spec(NEWS, AI), spec(AI, NEWS)], [spec(AI, NEWS), spec(NEWS, AI)]):
        assert find_takers(circle) == {circle[0].channel_id}


def test_a_channel_that_has_a_story_takes_it() -> None:
    """Even if the subscription that wanted it was removed since then."""
    assert find_takers([spec(NEWS, AI)], having={AI}) == {AI}


def test_a_channel_leaves_nothing_to_itself() -> None:
    assert find_takers([spec(NEWS, NEWS)]) == {NEWS}


def test_the_best_so_far_are_chosen_by_the_same_rule() -> None:
    stories = [make_story(1, quality=95), make_story(2, quality=80)]
    rest = spec(NEWS, AI)
    assert select_wanted(stories, rest, [spec(AI, min_quality=90), rest]) == stories[1:]
    assert select_wanted(stories, rest, [rest]) == stories


def test_a_paused_subscription_takes_nothing() -> None:
    """Its stories would be lost otherwise; one that the bot paused keeps them waiting."""
    rest = spec(NEWS, AI)
    for paused_by, takes in ((None, True), (PausedBy.BOT, True), (PausedBy.ADMIN, False)):
        other = Subscription(1, GUILD, 1, START, spec(AI), paused_by=paused_by)
        assert takers_of([other], rest) == [*([other.spec] if takes else []), rest]


def test_other_servers_take_nothing() -> None:
    """An id from elsewhere has no effect."""
    other = Subscription(1, GUILD + 1, 1, START, spec(AI))
    own = Subscription(2, GUILD, 1, START, spec(NEWS, AI))
    view = PlannerSnapshot(0, (make_story(1),), (other, own))
    assert [each.id for _, each in decide_all(view, START, WEEK)] == [1, 2]


# Any number of subscriptions in three channels.
numbers = st.sampled_from((NEWS, AI, LABS))
subscriptions = st.lists(
    st.tuples(numbers, st.lists(numbers, max_size=3, unique=True), st.sampled_from((0, 85))),
    max_size=6,
).map(
    lambda drawn: tuple(
        Subscription(number, GUILD, 1, START, spec(channel, *not_in, min_quality=least))
        for number, (channel, not_in, least) in enumerate(drawn, start=1)
    )
)


@given(subscriptions, st.frozensets(numbers, max_size=2))
def test_no_story_is_lost(given_: Sequence[Subscription], posted: frozenset[int]) -> None:
    """Whoever leaves it to whom, a story that somebody wants is in some channel."""
    view = PlannerSnapshot(
        0,
        (make_story(1, quality=80),),
        tuple(given_),
        posted=frozenset((1, channel) for channel in posted),
    )
    chosen = {each.spec.channel_id for _, each in decide_all(view, START, WEEK)}
    assert not chosen & posted
    wanting = [each for each in given_ if each.spec.rules.min_quality <= 80]
    assert chosen | posted or not wanting


@given(subscriptions)
def test_what_is_left_out_is_elsewhere(given_: Sequence[Subscription]) -> None:
    """Without circles, a subscription leaves out exactly what a channel of `not_in` gets."""
    straight = tuple(
        replace(each, spec=spec(each.spec.channel_id, *filter(each.spec.channel_id.__lt__, named)))
        for each in given_
        for named in [each.spec.rules.not_in]
    )
    view = PlannerSnapshot(0, (make_story(1, quality=80),), straight)
    chosen = {each.spec.channel_id for _, each in decide_all(view, START, WEEK)}
    for each in straight:
        here = [other.spec for other in straight if other.spec.channel_id == each.spec.channel_id]
        left = [
            one
            for one in here
            if one.rules.min_quality <= 80 and chosen.isdisjoint(one.rules.not_in)
        ]
        assert (each.spec.channel_id in chosen) == bool(left)


async def test_a_digest_gets_what_is_left(newsroom: Newsroom) -> None:
    """The order in which the two were added doesn't matter."""
    await newsroom.subscribe(NEWS, rules=REST, delivery=DAILY)
    await newsroom.subscribe(AI, rules=BEST)
    await newsroom.load(make_article(1, quality=95), make_article(2, quality=80))
    assert [await channels(newsroom, story) for story in (1, 2)] == [[AI], [NEWS]]
    assert await explained(newsroom, 1, NEWS) == ChannelMatch((AI,), (AI,))
    assert await explained(newsroom, 2, NEWS) == ChannelMatch((), (AI,))


async def test_a_change_of_a_story_moves_nothing(newsroom: Newsroom) -> None:
    """What another channel has stays left out, and what was chosen stays chosen."""
    await newsroom.subscribe(NEWS, rules=REST, delivery=DAILY)
    best = await newsroom.subscribe(AI, rules=BEST)
    await newsroom.load(make_article(1, quality=95), make_article(2, quality=80))
    await newsroom.load(make_article(1, quality=70), make_article(2, quality=96))
    assert [await channels(newsroom, story) for story in (1, 2)] == [[AI], [NEWS, AI]]
    async with newsroom.sending():
        await newsroom.until_true(lambda: len(newsroom.poster.shown) == 2)
    await remove_subscription(newsroom.store, GUILD, best, newsroom.clock.now())
    await newsroom.load(make_article(1, quality=71))
    assert await channels(newsroom, 1) == [AI]


async def test_after_a_removal_the_other_takes_all(newsroom: Newsroom) -> None:
    """It takes what was still waiting there, too; an undo gives back the following ones."""
    await newsroom.subscribe(NEWS, rules=REST)
    best = await newsroom.subscribe(AI, rules=BEST, delivery=DAILY)
    await newsroom.load(make_article(1, quality=95))
    store, now = newsroom.store, newsroom.clock.now()
    await remove_subscription(store, GUILD, best, now)
    await newsroom.load(make_article(2, quality=95))
    assert await channels(newsroom, 1) == [AI, NEWS]
    assert await channels(newsroom, 2) == [NEWS]
    await restore_subscription(store, GUILD, best, now)
    await newsroom.load(make_article(3, quality=95))
    assert await channels(newsroom, 3) == [AI]


async def test_during_a_pause_the_other_takes_all(newsroom: Newsroom) -> None:
    await newsroom.subscribe(NEWS, rules=REST)
    best = await newsroom.subscribe(AI, rules=BEST)
    store, now = newsroom.store, newsroom.clock.now()
    await pause_subscription(store, GUILD, best, now)
    await newsroom.load(make_article(1, quality=95))
    assert await channels(newsroom, 1) == [NEWS]
    await resume_subscription(store, await only(newsroom, AI), now, max_age=WEEK)
    await store.pause_channel(AI, PausedBy.BOT, AccessRefused("no"))
    await newsroom.load(make_article(2, quality=95))
    assert await channels(newsroom, 2) == [AI]


async def test_a_deleted_channel_takes_no_story(newsroom: Newsroom) -> None:
    """Also not the one with which its deletion was found out."""
    await newsroom.subscribe(NEWS, rules=REST)
    await newsroom.subscribe(AI, rules=BEST)
    newsroom.poster.channel_outcomes[AI] = ChannelGone(ChannelDeleted("Unknown Channel"))
    await newsroom.load(make_article(1, quality=95), make_article(2, quality=96))
    async with newsroom.sending():
        await newsroom.until_true(lambda: AI in newsroom.poster.requests)
        await newsroom.run(timedelta(seconds=5))
        await newsroom.planner.catch_up()
        await newsroom.run(timedelta(seconds=5))
    assert sorted(newsroom.poster.sent) == [1, 2]
    assert [await channels(newsroom, story) for story in (1, 2)] == [[NEWS], [NEWS]]


async def test_a_story_that_is_no_news_there_is_taken_here(newsroom: Newsroom) -> None:
    """The other subscription is added between a story's arrival and its planning."""
    await newsroom.subscribe(NEWS, rules=REST)
    documents = make_documents(make_article(1, quality=95))
    await newsroom.store.save_documents("s", documents, newsroom.clock.now())
    await newsroom.subscribe(AI, rules=BEST)
    await newsroom.planner.catch_up()
    assert await channels(newsroom, 1) == [NEWS]
    assert await explained(newsroom, 1, NEWS) == ChannelMatch((), (AI,))


async def test_an_edit_drops_what_another_channel_has(newsroom: Newsroom) -> None:
    """What it has not got keeps waiting, even if it would take it now."""
    await newsroom.subscribe(NEWS, rules=Rules(), delivery=DAILY)
    await newsroom.load(make_article(1, quality=95))
    await newsroom.subscribe(AI, rules=BEST)
    await newsroom.load(make_article(2, quality=95), make_article(3, quality=80))
    now = newsroom.clock.now()
    await change_subscription(
        newsroom.store,
        await only(newsroom, NEWS),
        SubscriptionSpec(NEWS, REST, None, DAILY),
        max_age=WEEK,
        due_at=now,
        now=now,
    )
    await newsroom.planner.catch_up()
    posts = {(post.story_id, post.channel_id): post for post in await newsroom.posts()}
    assert posts[2, NEWS].reason is Cause.RULES_CHANGED
    assert [await channels(newsroom, story) for story in (1, 2, 3)] == [[NEWS], [AI], [NEWS]]


async def test_a_digest_starts_with_what_is_left(newsroom: Newsroom) -> None:
    """What it leaves out isn't news to it later, such as when the other one is removed."""
    await newsroom.load(*(make_article(n, quality=94 - n) for n in range(1, 9)))
    best = await newsroom.subscribe(AI, rules=BEST)
    await newsroom.subscribe(NEWS, rules=REST, delivery=DAILY, catch_up=3)
    assert [post.story_id for post in await newsroom.posts()] == [5, 6, 7]
    await remove_subscription(newsroom.store, GUILD, best, newsroom.clock.now())
    await newsroom.load(make_article(1, quality=95))
    assert await channels(newsroom, 1) == []
