"""What Storywire knows about: articles, stories, subscriptions and posts.

Plain frozen values without any I/O. Every time is an aware `datetime`; storage keeps them in UTC.
Snowflakes (Discord's ids) are `int`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias


class Kind(StrEnum):
    """What opening the address gives the reader."""

    ARTICLE = "article"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Image:
    """A picture at a web address; the sizes are pixels, where the document tells them."""

    url: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """Who published an article."""

    name: str
    domain: str | None = None
    icon_url: str | None = None


@dataclass(frozen=True, slots=True)
class RelatedArticle:
    """Other coverage of the same story."""

    title: str
    url: str
    excerpt: str = ""
    published_at: datetime | None = None
    kind: Kind = Kind.ARTICLE
    quality: int | None = None
    provider: Provider | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One article as its document tells it.

    `url` is what a reader opens. `addresses` are the normalised addresses that name the same
    article (the canonical one first, then AMP and original ones): storage matches documents by
    them. `quality` has no upper bound (real data runs from 11 to 189); `heat` is -1 when cold.
    """

    title: str
    url: str
    addresses: tuple[str, ...]
    published_at: datetime
    excerpt: str = ""
    kind: Kind = Kind.ARTICLE
    category: str = "news"
    quality: int = 0
    heat: int = -1
    provider: Provider | None = None
    topics: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    related: tuple[RelatedArticle, ...] = ()

    @property
    def visible(self) -> tuple[object, ...]:
        """What a reader sees of it: a change of this, and of nothing else, edits its messages."""
        return self.title, self.excerpt, self.url, tuple(image.url for image in self.images)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells whether a document has changed: bytes, modification time (ns) and a hash."""

    size: int
    modified_ns: int
    digest: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a document could not become an article: the place, as far as known, and the reason."""

    reason: str
    line: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        place = [f"line {self.line}"] if self.line is not None else []
        place += [self.field] if self.field else []
        return ", ".join(place) + ": " + self.reason if place else self.reason


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that is no article yet (`published: false`) in a source that skips those."""


Reading: TypeAlias = Article | Draft | Rejection


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a source, as it was just read. `key` names it within its source."""

    key: str
    fingerprint: Fingerprint
    reading: Reading


@dataclass(frozen=True, slots=True)
class RejectedDocument:
    """A document that stands rejected."""

    source: str
    key: str
    rejection: Rejection


@dataclass(frozen=True, slots=True)
class LoadCounts:
    """What reading a source's documents changed, counted in documents."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    rejected: int = 0
    drafts: int = 0

    def __add__(self, other: LoadCounts) -> LoadCounts:
        return LoadCounts(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.withdrawn + other.withdrawn,
            self.rejected + other.rejected,
            self.drafts + other.drafts,
        )

    def __str__(self) -> str:
        return (
            f"{self.new} new, {self.changed} changed, {self.unchanged} unchanged, "
            f"{self.withdrawn} withdrawn, {self.rejected} rejected"
        )


@dataclass(frozen=True, slots=True)
class Story:
    """An article as the archive keeps it.

    `revision` grows with every change of any story; no two stories share one.
    `withdrawn` stories are in no lookup and are not announced.
    """

    id: int
    revision: int
    first_seen_at: datetime
    withdrawn: bool
    article: Article

    @property
    def dated_at(self) -> datetime:
        """When the story counts as published: a date in the future counts as first seen."""
        return min(self.article.published_at, self.first_seen_at)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic with the number of stories that carry it and the time of the newest."""

    id: int
    name: str
    stories: int
    newest_at: datetime


@dataclass(frozen=True, slots=True)
class TopicSummary:
    """A topic's page: `providers` are (name, stories) pairs, the busiest first."""

    topic: Topic
    best: Story
    newest: Story
    providers: tuple[tuple[str, int], ...]


class Order(StrEnum):
    """How found stories are sorted."""

    NEWEST = "newest"
    BEST = "best"
    RELEVANT = "relevant"


@dataclass(frozen=True, slots=True)
class StoryQuery:
    """Which stories to find. `topics` are any-of, by name, case-insensitive.

    `text` is what a person typed: words that must all occur.
    `since` bounds the time of publication.
    """

    text: str = ""
    topics: tuple[str, ...] = ()
    min_quality: int | None = None
    since: datetime | None = None
    order: Order = Order.NEWEST
    limit: int = 5
    offset: int = 0


@dataclass(frozen=True, slots=True)
class StoryPage:
    """One page of found stories and how many there are in all."""

    stories: tuple[Story, ...]
    total: int


class PausedBy(StrEnum):
    """Who paused a subscription. A pause by the bot itself holds stories until it ends."""

    ADMIN = "admin"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Rules:
    """Which stories a subscription wants: any of the topics (none named: all), good enough."""

    topics: tuple[str, ...] = ()
    min_quality: int = 0


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """What an admin asks for."""

    guild_id: int
    channel_id: int
    created_by: int
    created_at: datetime
    rules: Rules
    max_per_hour: int | None = None
    fresh_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel and what it wants to get.

    Stories dated before `fresh_after` were too old to be news when the subscription was made.
    """

    id: int
    guild_id: int
    channel_id: int
    created_by: int
    created_at: datetime
    rules: Rules
    max_per_hour: int | None = None
    fresh_after: datetime | None = None
    paused_by: PausedBy | None = None
    paused_reason: str | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """What a new subscription begins with: see `SubscriptionStore.subscription_view`."""

    revision: int
    fresh: tuple[Story, ...]
    best: tuple[Story, ...]
