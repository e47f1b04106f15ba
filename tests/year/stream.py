"""A made-up stream of news and the subscriptions that want some of it."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import cycle, islice
from random import Random

from storage.models import (
    Article,
    DeliveryOptions,
    Digest,
    DigestDays,
    NewSubscription,
    QuietHours,
    RelatedArticle,
    Rules,
    SubscriptionSpec,
)
from tests.support.articles import make_article
from tests.support.headlines import headline

# Including an offset of +05:45, a summer time of half an hour, and the southern hemisphere.
ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "America/Santiago",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
)
TOPICS = tuple(f"Topic {number}" for number in range(24))
GUILD = 10
SUBSCRIPTIONS = 200
CHANNELS = 190
STORIES_PER_DAY = 1.0
# One in RELATED_EVERY stories covers the same event as another; one in BURST_EVERY starts a burst.
RELATED_EVERY, BURST_EVERY = 12, 40
BURST_STORIES = 9
# One in RISING_EVERY stories is below every minimum quality at first, and above it later.
RISING_EVERY = 15


@dataclass(frozen=True, slots=True)
class Arrival:
    """An article that appears, or appears changed, at a time."""

    at: datetime
    article: Article


def make_subscriptions(start: datetime) -> list[NewSubscription]:
    """Create subscriptions of every kind in every zone; some channels have two."""
    return [_make_subscription(number, start) for number in range(SUBSCRIPTIONS)]


def _make_subscription(number: int, start: datetime) -> NewSubscription:
    topics = tuple(islice(cycle(TOPICS), number % 24, number % 24 + 1 + number % 2))
    return NewSubscription(
        GUILD,
        1,
        start,
        SubscriptionSpec(
            100 + number % CHANNELS,
            Rules(topics=topics, min_quality=70 + 5 * (number % 4)),
            (None, 2, 1, 3)[number % 4],
            DeliveryOptions(
                timezone=ZONES[number % len(ZONES)],
                digest=_digest(number),
                quiet=_quiet(number),
                fold=number % 5 != 0,
            ),
        ),
    )


def _digest(number: int) -> Digest | None:
    # 02:30 does not exist on one night of the year, and occurs twice on another.
    at = (time(2, 30), time(8), time(17, 45), time(0))[number // 7 % 4]
    return {
        0: None,
        1: None,
        2: None,
        3: Digest(DigestDays.DAILY, at),
        4: Digest(DigestDays.DAILY, at, best=2),
        5: Digest(DigestDays.WEEKDAYS, at, best=3),
        6: Digest(DigestDays.WEEKLY, at, weekday=number % 7, best=4),
    }[number % 7]


def _quiet(number: int) -> QuietHours | None:
    if number % 7 > 2:
        return None
    return (None, QuietHours(time(22), time(7)), QuietHours(time(12), time(13, 30)))[
        number // 7 % 3
    ]


def make_stream(start: datetime, days: int, random: Random) -> list[Arrival]:
    """Create the arrivals of some days, in order."""
    arrivals: list[Arrival] = []
    earlier: list[Article] = []
    at, end = start, start + timedelta(days=days)
    while True:
        at += timedelta(days=random.expovariate(STORIES_PER_DAY))
        if at >= end:
            return sorted(arrivals, key=lambda arrival: arrival.at)
        topics = tuple(random.sample(TOPICS, 2))
        # The first one is a burst, so that every run contains one.
        is_burst = not earlier or random.randrange(BURST_EVERY) == 0
        for minute in range(BURST_STORIES if is_burst else 1):
            arrivals += _story(
                len(earlier) + 1, at + timedelta(minutes=minute), topics, earlier, random
            )


def _story(
    number: int, at: datetime, topics: tuple[str, ...], earlier: list[Article], random: Random
) -> list[Arrival]:
    article = make_article(
        number,
        title=headline(random),
        published_at=at,
        quality=random.randint(60, 140),
        topics=topics,
    )
    if earlier and random.randrange(RELATED_EVERY) == 0:
        last = earlier[-1]
        related = RelatedArticle(last.title, last.url)
        article = replace(article, related=(related,), topics=last.topics)
    earlier.append(article)
    if random.randrange(RISING_EVERY):
        return [Arrival(at, article)]
    low = replace(article, quality=50)
    return [Arrival(at, low), Arrival(at + timedelta(hours=random.randint(1, 60)), article)]
