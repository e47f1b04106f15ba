"""What Storywire knows about: articles, sources, stories and subscriptions.

Plain frozen values without any I/O. Every time is an aware `datetime`; storage keeps them in UTC.
Snowflakes (Discord's ids) are `int`.
"""

from dataclasses import dataclass, fields
from datetime import datetime, time
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from storage.reasons import Reason


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


class Fingerprint(NamedTuple):
    """What tells whether a document has changed: bytes, modification time (ns) and a hash.

    (A tuple: there is one for every document at every look.)
    """

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
class UnpublishedDocument:
    """A document that is no article yet (`published: false`) in a source that skips those."""


Reading: TypeAlias = Article | UnpublishedDocument | Rejection


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

    def __add__(self, other: "LoadCounts") -> "LoadCounts":
        names = (each.name for each in fields(LoadCounts))
        return LoadCounts(*(getattr(self, name) + getattr(other, name) for name in names))

    def __str__(self) -> str:
        return (
            f"{self.new} new, {self.changed} changed, {self.unchanged} unchanged, "
            f"{self.withdrawn} withdrawn, {self.rejected} rejected"
        )


@dataclass(frozen=True, slots=True)
class SaveResult:
    """What saving some documents changed, and which of them were not saved yet."""

    counts: LoadCounts
    undecided: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceState:
    """How the last read of a source ended.

    `documents` counts all of its documents, including the `rejected` ones. `error` is why the
    source can't be read at the moment; its stories stay as they were.
    """

    name: str
    documents: int
    rejected: int
    last_run_at: datetime | None = None
    last_success_at: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """An article as the archive keeps it.

    `revision` grows with every change of any story; no two stories share one.
    `withdrawn` stories are in no lookup and are not announced. `archive` stories were there when
    their source was first read: they are found, but are no news.
    """

    id: int
    revision: int
    first_seen_at: datetime
    withdrawn: bool
    article: Article
    archive: bool = False

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
    """Which stories a subscription wants; what is left empty sets no condition.

    `topics`, `providers` and `kinds` are any-of, `without_topics` and `without_words` none-of.
    At least one of `words` must occur in the title or the excerpt, as a whole word. Names and words
    are compared in any case.
    """

    topics: tuple[str, ...] = ()
    min_quality: int = 0
    without_topics: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    min_heat: int | None = None
    kinds: tuple[Kind, ...] = ()
    words: tuple[str, ...] = ()
    without_words: tuple[str, ...] = ()


class DigestDays(StrEnum):
    """On which days a digest comes."""

    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Digest:
    """The best stories in one message, on some days at a local time.

    `weekday` counts from Monday = 0 and is for weekly digests; `best` is how many stories at most.
    """

    days: DigestDays
    at: time
    weekday: int = 0
    best: int = 10


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Nothing is posted from one local time until the next time that it is the other."""

    begin: time
    end: time


@dataclass(frozen=True, slots=True)
class Mention:
    """A role that is told of stories which are at least this good."""

    role_id: int
    min_quality: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """How a subscription's stories arrive. Local times are of the IANA zone `timezone`.

    No `digest`: each story by itself, at once. `silent` posts notify nobody. `fold`: a story about
    the same event as one that is in the channel joins that one's coverage.
    """

    timezone: str = "UTC"
    digest: Digest | None = None
    quiet: QuietHours | None = None
    mention: Mention | None = None
    silent: bool = False
    fold: bool = True


@dataclass(frozen=True, slots=True)
class SubscriptionSpec:
    """What an admin decides about a subscription: where which stories arrive, and how."""

    channel_id: int
    rules: Rules = Rules()
    max_per_hour: int | None = None
    delivery: DeliveryOptions = DeliveryOptions()


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """A subscription before it is stored; `fresh_after` as in `Subscription`."""

    guild_id: int
    created_by: int
    created_at: datetime
    spec: SubscriptionSpec
    fresh_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A stored subscription of a server.

    Stories dated before `fresh_after` were too old to be news when the subscription was made
    or last changed.
    """

    id: int
    guild_id: int
    created_by: int
    created_at: datetime
    spec: SubscriptionSpec
    fresh_after: datetime | None = None
    paused_by: PausedBy | None = None
    paused_reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class PausedChannel:
    """A channel of which a subscription is paused."""

    guild_id: int
    channel_id: int


@dataclass(frozen=True, slots=True)
class SubscriptionActivity:
    """What a subscription's posts came to since a time.

    `skipped` counts by the reason's code, the most frequent first; the reason is the latest one
    with that code. `next_at` is when the first of those that wait may go out.
    """

    posted: int
    folded: int
    waiting: int
    failed: int
    uncertain: int
    skipped: tuple[tuple[Reason, int], ...]
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Notice:
    """The last notice to a server's admins about a channel that can't be posted in.

    `newest_subscription_id` is that of the channel's newest subscription then.
    """

    newest_subscription_id: int
    cause: Reason


@dataclass(frozen=True, slots=True)
class SubscriptionSnapshot:
    """What a subscription begins with: see `SubscriptionStore.subscription_snapshot`."""

    revision: int
    fresh: tuple[Story, ...]
    best: tuple[Story, ...]
    waiting: tuple[Story, ...] = ()
