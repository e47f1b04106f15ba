"""The rules that a simulated year must follow, implemented without the bot's own code."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from storage.models import Digest, DigestDays, QuietHours, Story, Subscription
from storage.posts import Post, PostStatus
from storage.reasons import Cause, DigestFull, TooOld
from tests.year.run import Message, SimulationResult

HOUR, DAY, QUARTER = timedelta(hours=1), timedelta(days=1), timedelta(minutes=15)


@cache
def times_shown(day: date, at: time, timezone: str) -> tuple[datetime, ...]:
    """Return when the clocks of a zone show a time on a day: once, twice or never.

    If they never show it because they are set forward, two times are valid: that moment, and the
    time as long after it as the clocks would have shown the skipped time.
    """
    zone, wanted = ZoneInfo(timezone), datetime.combine(day, at)
    # All offsets are multiples of 15 minutes, and clocks change at such times.
    moments = [datetime.combine(day, at, UTC) + QUARTER * number for number in range(-60, 60)]
    shown = {moment: moment.astimezone(zone).replace(tzinfo=None) for moment in moments}
    exact = tuple(moment for moment in moments if shown[moment] == wanted)
    if exact:
        return exact
    after = next(moment for moment in moments if shown[moment] > wanted)
    return (after, after + (wanted - shown[after - QUARTER] - QUARTER))


def is_digest_day(digest: Digest, day: date) -> bool:
    """Return whether a digest is sent on a day."""
    weekday = day.weekday()
    return {
        DigestDays.DAILY: True,
        DigestDays.WEEKDAYS: weekday <= 4,
        DigestDays.WEEKLY: weekday == digest.weekday,
    }[digest.days]


def is_quiet(quiet: QuietHours, now: datetime, timezone: str) -> bool:
    """Return whether the local time is within the quiet hours."""
    shown = now.astimezone(ZoneInfo(timezone)).time()
    if quiet.begin < quiet.end:
        return quiet.begin <= shown < quiet.end
    return shown >= quiet.begin or shown < quiet.end


def digest_violations(result: SimulationResult) -> Iterator[str]:
    """Yield digests at a wrong time, sent twice, with no, too many or overdue stories."""
    planned = {(post.story_id, post.channel_id): post for post in result.posts}
    days: Counter[tuple[int, date]] = Counter()
    for message in result.messages:
        delivery = message.subscription.spec.delivery
        digest, zone = delivery.digest, delivery.timezone
        if digest is None:
            continue
        what = f"digest of subscription {message.subscription.id} at {message.at}"
        day = message.at.astimezone(ZoneInfo(zone)).date()
        days[message.subscription.id, day] += 1
        if not is_digest_day(digest, day) or message.at not in times_shown(day, digest.at, zone):
            yield f"{what}: sent at a wrong time"
        if not 0 < len(message.stories) <= digest.best:
            yield f"{what}: {len(message.stories)} stories"
        for story in message.stories:
            post = planned[story, message.subscription.spec.channel_id]
            if any(_missed_digests(digest, zone, post.planned_at, message.at)):
                yield f"{what}: story {story} was due in an earlier digest"
    yield from (
        f"{count} digests of subscription {key[0]} on {key[1]}"
        for key, count in days.items()
        if count > 1
    )


def _missed_digests(digest: Digest, zone: str, since: datetime, until: datetime) -> Iterator[bool]:
    day = since.astimezone(ZoneInfo(zone)).date()
    while day <= until.astimezone(ZoneInfo(zone)).date():
        if is_digest_day(digest, day):
            yield all(since < at < until for at in times_shown(day, digest.at, zone))
        day += DAY


def quiet_hours_violations(result: SimulationResult) -> Iterator[str]:
    """Yield messages in quiet hours."""
    for message in result.messages:
        delivery = message.subscription.spec.delivery
        if delivery.quiet and is_quiet(delivery.quiet, message.at, delivery.timezone):
            yield f"subscription {message.subscription.id} at {message.at}: quiet hours"


def hourly_limit_violations(result: SimulationResult) -> Iterator[str]:
    """Yield hours in which a subscription exceeded its hourly limit."""
    times: dict[int, list[datetime]] = defaultdict(list)
    for message in result.messages:
        if not message.digest:
            times[message.subscription.id].append(message.at)
    for subscription in result.subscriptions:
        most = subscription.spec.max_per_hour
        moments = times[subscription.id]
        for number, moment in enumerate(moments):
            if most and number >= most and moment - moments[number - most] < HOUR:
                yield f"subscription {subscription.id} at {moment}: over the hourly limit"


def repeated_stories(result: SimulationResult) -> Iterator[str]:
    """Yield stories that were posted more than once in a channel."""
    posted = Counter(
        (message.subscription.spec.channel_id, story)
        for message in result.messages
        for story in message.stories
    )
    yield from (
        f"story {story} in channel {channel}: posted {n} times"
        for (channel, story), n in posted.items()
        if n > 1
    )


def unexplained_posts(result: SimulationResult) -> Iterator[str]:
    """Yield wanted stories that were neither posted, folded nor skipped for a valid reason."""
    posts = {(post.story_id, post.channel_id): post for post in result.posts}
    posted = {
        (story, message.subscription.spec.channel_id)
        for message in result.messages
        for story in message.stories
    }
    wanted = {
        (story.id, subscription.spec.channel_id)
        for story in result.stories
        for subscription in result.subscriptions
        if wants(subscription, story)
    }
    for key in wanted ^ posts.keys():
        yield f"{_name(key)}: {'not planned' if key in wanted else 'planned, but not wanted'}"
    for key, post in posts.items():
        if not _is_explained(post, key in posted, posts):
            yield f"{_name(key)}: {post.status}, {post.reason}"


def _name(key: tuple[int, int]) -> str:
    return f"story {key[0]} in channel {key[1]}"


def wants(subscription: Subscription, story: Story) -> bool:
    """Return whether the final version of a story matches a subscription."""
    rules, article = subscription.spec.rules, story.article
    return bool(set(rules.topics) & set(article.topics)) and article.quality >= rules.min_quality


def _is_explained(post: Post, posted: bool, posts: dict[tuple[int, int], Post]) -> bool:
    if posted or post.status is PostStatus.SENT:
        return posted and post.status is PostStatus.SENT
    if post.status is PostStatus.FOLDED:
        lead = next((each for each in posts.values() if each.id == post.lead_post_id), None)
        return lead is not None and lead.status is PostStatus.SENT
    return post.status is PostStatus.SKIPPED and (
        post.reason == Cause.STORY_WITHDRAWN or isinstance(post.reason, DigestFull | TooOld)
    )


def find_violations(result: SimulationResult) -> list[str]:
    """Run all checks; returns their violations."""
    checks: Iterable[Iterator[str]] = (
        digest_violations(result),
        quiet_hours_violations(result),
        hourly_limit_violations(result),
        repeated_stories(result),
        unexplained_posts(result),
    )
    return [violation for check in checks for violation in check]


def describe(result: SimulationResult) -> str:
    """Summarize a simulation in one line."""
    statuses = Counter(str(post.status) for post in result.posts)
    digests: list[Message] = [message for message in result.messages if message.digest]
    return (
        f"{len(result.stories)} stories, {len(result.subscriptions)} subscriptions,"
        f" {len(result.messages) - len(digests)} posts, {len(digests)} digests,"
        f" {result.edits} edits; "
        + ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    )
