"""What must hold of a simulated year, said anew: nothing here uses the bot's own reckoning."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from storage.models import Digest, DigestDays, QuietHours, Story, Subscription
from storage.posts import Post, PostStatus
from storage.reasons import Cause, DigestFull, TooOld
from tests.year.run import Chronicle, Message

HOUR, DAY, QUARTER = timedelta(hours=1), timedelta(days=1), timedelta(minutes=15)


@cache
def times_of(day: date, at: time, timezone: str) -> tuple[datetime, ...]:
    """When the clocks of a zone show a time on a day: once, twice, or (they are set on) never.

    Never: when they are set on, or as long after that as they would have shown it; either is right.
    """
    zone, wanted = ZoneInfo(timezone), datetime.combine(day, at)
    # No zone is off by anything but quarters of an hour, and clocks are set at full ones.
    moments = [datetime.combine(day, at, UTC) + QUARTER * number for number in range(-60, 60)]
    shown = {moment: moment.astimezone(zone).replace(tzinfo=None) for moment in moments}
    exact = tuple(moment for moment in moments if shown[moment] == wanted)
    if exact:
        return exact
    after = next(moment for moment in moments if shown[moment] > wanted)
    return (after, after + (wanted - shown[after - QUARTER] - QUARTER))


def comes_on(digest: Digest, day: date) -> bool:
    """Whether a digest comes on a day."""
    weekday = day.weekday()
    return {
        DigestDays.DAILY: True,
        DigestDays.WEEKDAYS: weekday <= 4,
        DigestDays.WEEKLY: weekday == digest.weekday,
    }[digest.days]


def is_quiet(quiet: QuietHours, now: datetime, timezone: str) -> bool:
    """Whether the clocks of a zone show a time within the quiet hours."""
    shown = now.astimezone(ZoneInfo(timezone)).time()
    if quiet.begin < quiet.end:
        return quiet.begin <= shown < quiet.end
    return shown >= quiet.begin or shown < quiet.end


def wrong_digests(chronicle: Chronicle) -> Iterator[str]:
    """Digests at another time than theirs, twice, too long, or without a story that was due."""
    planned = {(post.story_id, post.channel_id): post for post in chronicle.posts}
    days: Counter[tuple[int, date]] = Counter()
    for message in chronicle.messages:
        delivery = message.subscription.spec.delivery
        digest, zone = delivery.digest, delivery.timezone
        if digest is None:
            continue
        what = f"digest of subscription {message.subscription.id} at {message.at}"
        day = message.at.astimezone(ZoneInfo(zone)).date()
        days[message.subscription.id, day] += 1
        if not comes_on(digest, day) or message.at not in times_of(day, digest.at, zone):
            yield f"{what}: not its time"
        if not 0 < len(message.stories) <= digest.best:
            yield f"{what}: {len(message.stories)} stories"
        for story in message.stories:
            post = planned[story, message.subscription.spec.channel_id]
            if any(_passed(digest, zone, post.planned_at, message.at)):
                yield f"{what}: story {story} missed one before"
    yield from (f"{count} digests of {key}" for key, count in days.items() if count > 1)


def _passed(digest: Digest, zone: str, since: datetime, until: datetime) -> Iterator[bool]:
    day = since.astimezone(ZoneInfo(zone)).date()
    while day <= until.astimezone(ZoneInfo(zone)).date():
        if comes_on(digest, day):
            yield all(since < at < until for at in times_of(day, digest.at, zone))
        day += DAY


def broken_quiet(chronicle: Chronicle) -> Iterator[str]:
    """Messages in quiet hours."""
    for message in chronicle.messages:
        delivery = message.subscription.spec.delivery
        if delivery.quiet and is_quiet(delivery.quiet, message.at, delivery.timezone):
            yield f"subscription {message.subscription.id} at {message.at}"


def broken_caps(chronicle: Chronicle) -> Iterator[str]:
    """Hours in which a subscription got more than its cap."""
    times: dict[int, list[datetime]] = defaultdict(list)
    for message in chronicle.messages:
        if not message.digest:
            times[message.subscription.id].append(message.at)
    for subscription in chronicle.subscriptions:
        most = subscription.spec.max_per_hour
        moments = times[subscription.id]
        for number, moment in enumerate(moments):
            if most and number >= most and moment - moments[number - most] < HOUR:
                yield f"subscription {subscription.id} at {moment}"


def told_twice(chronicle: Chronicle) -> Iterator[str]:
    """Stories that a channel got more than once."""
    told = Counter(
        (message.subscription.spec.channel_id, story)
        for message in chronicle.messages
        for story in message.stories
    )
    yield from (f"story {story} in {channel}" for (channel, story), n in told.items() if n > 1)


def unaccounted(chronicle: Chronicle) -> Iterator[str]:
    """Stories that a channel wanted and that were neither posted, folded nor rightly skipped."""
    posts = {(post.story_id, post.channel_id): post for post in chronicle.posts}
    told = {
        (story, message.subscription.spec.channel_id)
        for message in chronicle.messages
        for story in message.stories
    }
    wanted = {
        (story.id, subscription.spec.channel_id)
        for story in chronicle.stories
        for subscription in chronicle.subscriptions
        if wants(subscription, story)
    }
    for key in wanted ^ posts.keys():
        yield f"{key}: {'not planned' if key in wanted else 'not wanted'}"
    for key, post in posts.items():
        if not _accounted(post, key in told, posts):
            yield f"{key}: {post.status}, {post.reason}"


def wants(subscription: Subscription, story: Story) -> bool:
    """Whether a story is one that a subscription asks for, as it stands in the end."""
    rules, article = subscription.spec.rules, story.article
    return bool(set(rules.topics) & set(article.topics)) and article.quality >= rules.min_quality


def _accounted(post: Post, told: bool, posts: dict[tuple[int, int], Post]) -> bool:
    if told or post.status is PostStatus.SENT:
        return told and post.status is PostStatus.SENT
    if post.status is PostStatus.FOLDED:
        host = next((each for each in posts.values() if each.id == post.lead_post_id), None)
        return host is not None and host.status is PostStatus.SENT
    return post.status is PostStatus.SKIPPED and (
        post.reason == Cause.STORY_WITHDRAWN or isinstance(post.reason, DigestFull | TooOld)
    )


def everything_wrong(chronicle: Chronicle) -> list[str]:
    """All of the above; empty if all is well."""
    checks: Iterable[Iterator[str]] = (
        wrong_digests(chronicle),
        broken_quiet(chronicle),
        broken_caps(chronicle),
        told_twice(chronicle),
        unaccounted(chronicle),
    )
    return [complaint for check in checks for complaint in check]


def describe(chronicle: Chronicle) -> str:
    """How much there was of everything."""
    ends = Counter(str(post.status) for post in chronicle.posts)
    digests: list[Message] = [message for message in chronicle.messages if message.digest]
    return (
        f"{len(chronicle.stories)} stories, {len(chronicle.subscriptions)} subscriptions,"
        f" {len(chronicle.messages) - len(digests)} posts, {len(digests)} digests,"
        f" {chronicle.edits} edits; "
        + ", ".join(f"{count} {status}" for status, count in sorted(ends.items()))
    )
