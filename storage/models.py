"""The models: articles, sources, stories and subscriptions.

Plain frozen values without any I/O. Every time is an aware `datetime`; storage keeps them in UTC.
Snowflakes (Discord's ids) are `int`.
"""

from collections.abc import Iterator, KeysView, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, time
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from storage.reasons import Reason


class Kind(StrEnum):
    """The kind of content at an article's address."""

    ARTICLE = "article"
    VIDEO = "video"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Image:
    """An image at a web address; sizes are in pixels, None if the document does not state them.

    `alt` says what it shows to those who can't see it; "" if the document does not say it.
    """

    url: str
    width: int | None = None
    height: int | None = None
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """The publisher of an article."""

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
    """The content of a document.

    `url` is what a reader opens. `addresses` are all normalised addresses of the article (the
    canonical one first, then AMP and original ones), by which storage matches documents. `quality`
    has no upper bound (real data ranges from 11 to 189); `heat` measures how widely the story is
    covered: the quality plus 10 for each related article, or -1 if one of these is better, or if
    the document does not state it. `language` is a code such as `de` or `pt-br`, None if unknown.
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
    language: str | None = None

    @property
    def visible(self) -> tuple[object, ...]:
        """The parts that readers see; only a change of these edits the article's messages."""
        return self.title, self.excerpt, self.url, tuple(image.url for image in self.images)


class Fingerprint(NamedTuple):
    """Detects changes of a document: size in bytes, modification time (ns) and a hash.

    (A tuple, because every reading of a source creates one per document.)
    """

    size: int
    modified_ns: int
    digest: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a document could not become an article: the reason, and the position if known."""

    reason: str
    line: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        place = [f"line {self.line}"] if self.line is not None else []
        place += [self.field] if self.field else []
        return ", ".join(place) + ": " + self.reason if place else self.reason


@dataclass(frozen=True, slots=True)
class UnpublishedDocument:
    """A document that is not published yet (`published: false`), in a source that skips those."""


@dataclass(frozen=True, slots=True)
class UnchangedDocument:
    """A document of which only the fingerprint has changed: readers see no difference."""


Reading: TypeAlias = Article | UnpublishedDocument | Rejection


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a source, as it was just read. `key` is unique within its source.

    `archive`: it existed before its source was first read, so its story is not news.
    """

    key: str
    fingerprint: Fingerprint
    reading: Reading | UnchangedDocument
    archive: bool = False


@dataclass(frozen=True, slots=True)
class ArchiveBounds:
    """What existed before a source was first read: what is dated before `before`.

    `complete`: a reading has reached the end of the source, so what has no date and appears now is
    new. `before` is the time when the first reading began, and then the newest date that it found.
    """

    before: datetime
    complete: bool = False


@dataclass(frozen=True, slots=True)
class KnownDocuments:
    """The documents of a source in the store, by key, without those that are gone.

    `current`: they were last read with the current settings. Otherwise all have to be read again,
    and `get` hides their fingerprints. `archive` is None before the first reading.
    """

    fingerprints: Mapping[str, Fingerprint]
    current: bool = True
    archive: ArchiveBounds | None = None

    def get(self, key: str) -> Fingerprint | None:
        """Return the fingerprint by which to decide whether the document has to be read again."""
        return self.fingerprints.get(key) if self.current else None

    def keys(self) -> KeysView[str]:
        """Return the keys of all documents."""
        return self.fingerprints.keys()

    def __contains__(self, key: str) -> bool:
        return key in self.fingerprints

    def __iter__(self) -> Iterator[str]:
        return iter(self.fingerprints)

    def __len__(self) -> int:
        return len(self.fingerprints)


@dataclass(frozen=True, slots=True)
class SiteDescription:
    """What is known of the site that a source's files belong to, and how its pages are read.

    `configuration` is the path of the file that says so, within the site; None if there is none.
    The first of the `languages` is the main one.
    """

    generator: str
    configuration: str | None = None
    base_url: str | None = None
    permalink: str | None = None
    time_zone: str | None = None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceFindings:
    """What was noticed when a source was read to its end.

    `merged` entries are listed twice; `merged_titles` has the first of their titles. `ids_change`:
    the ids of the entries are new at every reading. `passed_over` has the number of files that may
    be pages but are not read, by the ending of their names. `unsupported` is the name of a
    generator whose sites can't be read as it reads them.
    """

    merged: int = 0
    merged_titles: tuple[str, ...] = ()
    ids_change: bool = False
    passed_over: tuple[tuple[str, int], ...] = ()
    site: SiteDescription | None = None
    unsupported: str | None = None


NO_FINDINGS = SourceFindings()
NO_DOCUMENTS = KnownDocuments({})


@dataclass(frozen=True, slots=True)
class RejectedDocument:
    """A document whose latest version is rejected."""

    source: str
    key: str
    rejection: Rejection


@dataclass(frozen=True, slots=True)
class LoadCounts:
    """The effects of reading a source, as numbers of documents."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    rejected: int = 0
    drafts: int = 0
    merged: int = 0

    def __add__(self, other: "LoadCounts") -> "LoadCounts":
        names = (each.name for each in fields(LoadCounts))
        return LoadCounts(*(getattr(self, name) + getattr(other, name) for name in names))

    def __str__(self) -> str:
        return (
            f"{self.new} new, {self.changed} changed, {self.unchanged} unchanged, "
            f"{self.withdrawn} withdrawn, {self.rejected} rejected"
            + (f", {self.merged} merged" if self.merged else "")
        )


@dataclass(frozen=True, slots=True)
class SaveResult:
    """The effects of saving documents, and the documents that were not saved yet."""

    counts: LoadCounts
    undecided: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceState:
    """The result of the last read of a source.

    `documents` counts all of its documents, including the `rejected` ones. `error` is why the last
    read failed; the source's stories are kept. `findings` are those of the last complete read.
    """

    name: str
    documents: int
    rejected: int
    last_run_at: datetime | None = None
    last_success_at: datetime | None = None
    error: str | None = None
    findings: SourceFindings = NO_FINDINGS


@dataclass(frozen=True, slots=True)
class SourceRun:
    """The last read of a source; `error` is why it failed."""

    name: str
    last_run_at: datetime | None = None
    last_success_at: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """What readers see: one or several documents that share an address.

    `revision` increases with every change of any story and is unique. `withdrawn` stories are not
    found by lookups and not posted. `archive` stories existed before the first read of their
    source: they are found, but are not news.
    """

    id: int
    revision: int
    first_seen_at: datetime
    withdrawn: bool
    article: Article
    archive: bool = False

    @property
    def dated_at(self) -> datetime:
        """When the story counts as published: when first seen, if its date was in the future."""
        return min(self.article.published_at, self.first_seen_at)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic with the number of its stories and the time of the newest."""

    id: int
    name: str
    stories: int
    newest_at: datetime


@dataclass(frozen=True, slots=True)
class ProviderCount:
    """A provider with the number of its stories."""

    id: int
    name: str
    stories: int


@dataclass(frozen=True, slots=True)
class TopicSummary:
    """A summary of a topic.

    `providers` and `related` are (name, number of stories), the most stories first: of the topic's
    providers, and of the topics that its stories have, too. Both count the topic's newest
    stories only, about a hundred.
    """

    topic: Topic
    best: Story
    newest: Story
    providers: tuple[tuple[str, int], ...]
    related: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """A message in a channel that shows a story; `thread_id`: in this thread of a forum."""

    channel_id: int
    message_id: int
    thread_id: int | None = None


class Order(StrEnum):
    """The sort order of search results.

    `HOTTEST` compares heat, then quality. `RELEVANT` is defined in `storage.search.ranking`.
    """

    NEWEST = "newest"
    BEST = "best"
    HOTTEST = "hottest"
    RELEVANT = "relevant"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose stories a lookup sees and counts: those of the operator's sources.

    Stories from sources of a single server will have a scope of their own.
    """


EVERYWHERE = Scope()


# A query looks for this many stories, or for `StoryQuery.limit` if that is more: nobody turns the
# pages of 100,000 stories, and counting them takes longer than finding the first.
MOST_FOUND = 1000


@dataclass(frozen=True, slots=True)
class StoryQuery:
    """A search for stories. `topics` and `providers` (by name, in any case) and `kinds` are any-of.

    `text` is what a person typed: see `storage.search.query`.
    `since` is the earliest time of publication. `now` is when the age of stories ends for
    `Order.RELEVANT`; without it, at the newest story found.
    """

    text: str = ""
    topics: tuple[str, ...] = ()
    min_quality: int | None = None
    since: datetime | None = None
    order: Order = Order.NEWEST
    limit: int = 5
    offset: int = 0
    providers: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    now: datetime | None = None
    scope: Scope = EVERYWHERE


@dataclass(frozen=True, slots=True)
class StoryPage:
    """One page of search results, and the number of results.

    `complete`: no others match; otherwise only `MOST_FOUND` were looked for.
    """

    stories: tuple[Story, ...]
    total: int
    complete: bool = True


class PausedBy(StrEnum):
    """Who paused a subscription. During a pause by the bot, posts wait until it ends."""

    ADMIN = "admin"
    BOT = "bot"


MAX_NAMES = 25
"""How many topics, providers, words or channels each of the `Rules` may have."""

MAX_PER_HOUR = 1000
"""The largest hourly limit that a subscription may have."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The stories that a subscription wants; empty fields set no condition.

    `topics`, `providers` and `kinds` are any-of, `without_topics` and `without_words` none-of.
    At least one of `words` must occur in the title or the excerpt, as a whole word. Comparisons of
    names and words ignore case. `not_in` are channels of the server (ids): what one of them takes
    is left to it (see `bot.announce.policy.find_takers`).
    """

    topics: tuple[str, ...] = ()
    min_quality: int = 0
    without_topics: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    min_heat: int | None = None
    kinds: tuple[Kind, ...] = ()
    words: tuple[str, ...] = ()
    without_words: tuple[str, ...] = ()
    not_in: tuple[int, ...] = ()


class DigestDays(StrEnum):
    """The days on which a digest is sent."""

    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Digest:
    """The best stories in one message, on certain days at a local time.

    `weekday` (Monday = 0) applies to weekly digests; `best` is the maximum number of stories.
    """

    days: DigestDays
    at: time
    weekday: int = 0
    best: int = 10


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Nothing is posted from the local time `begin` until the next `end`."""

    begin: time
    end: time


@dataclass(frozen=True, slots=True)
class Mention:
    """A role that is mentioned for stories with at least this quality."""

    role_id: int
    min_quality: int = 0


class Look(StrEnum):
    """How the message of one story looks."""

    CARD = "card"
    """A title, an excerpt and a large picture."""
    COMPACT = "compact"
    """One or two lines of text."""
    HEADLINE = "headline"
    """A title beside a small picture."""
    GALLERY = "gallery"
    """Up to four pictures."""


class Fact(StrEnum):
    """What a message says about a story beside its title, excerpt and provider."""

    QUALITY = "quality"
    TOPICS = "topics"
    TIME = "time"


ALL_FACTS = tuple(Fact)


@dataclass(frozen=True, slots=True)
class Style:
    """What an admin can choose about messages, whatever their look.

    `colour` is a number such as 0x1F8B4C; None: that of the provider. `footer` is a text of the
    admin's below the story. `facts` are those that are shown, in the order of `Fact`. `line` is the
    template of a line above the message, with placeholders such as `{title}`.
    """

    colour: int | None = None
    footer: str = ""
    facts: tuple[Fact, ...] = ALL_FACTS
    line: str = ""


DEFAULT_STYLE = Style()


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """How a subscription's stories are posted. Local times are in the IANA zone `timezone`.

    Without `digest`, each story gets its own message at once. `mention` and `second_mention` are
    independent of each other. `silent` messages notify nobody.
    `fold`: a story about the same event as one in the channel is added to that one's coverage.
    `look` is that of new messages about one story. `publish`: each message is published to the
    channels that follow the announcement channel. `discuss`: a thread is opened under each.

    In a forum, `tags` are pairs of a topic and the name of its tag; other topics have the tag with
    their own name. `fallback_tag` is that of messages without a tag. `update_titles`: the title of
    a thread follows its story, too.
    """

    timezone: str = "UTC"
    digest: Digest | None = None
    quiet: QuietHours | None = None
    mention: Mention | None = None
    silent: bool = False
    fold: bool = True
    look: Look = Look.CARD
    style: Style = DEFAULT_STYLE
    publish: bool = False
    second_mention: Mention | None = None
    discuss: bool = False
    tags: tuple[tuple[str, str], ...] = ()
    fallback_tag: str | None = None
    update_titles: bool = False

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """Every role that may be mentioned."""
        return tuple(filter(None, (self.mention, self.second_mention)))


@dataclass(frozen=True, slots=True)
class SubscriptionSpec:
    """The settings of a subscription: its channel, the stories it wants, and their delivery."""

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

    Stories dated before `fresh_after` were too old to be news when the subscription was created
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
class DamagedSubscription:
    """A subscription whose row can't be decoded; `channel_id` None: its channel is unknown, too."""

    id: int
    channel_id: int | None


@dataclass(frozen=True, slots=True)
class PausedChannel:
    """A channel with a paused subscription."""

    guild_id: int
    channel_id: int


@dataclass(frozen=True, slots=True)
class WaitingMessages:
    """Messages that wait for what is to be done with them after they were sent.

    `next_at` is when the next one is due, and `reason` why it waits until then.
    """

    count: int
    next_at: datetime | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionActivity:
    """Statistics of a subscription's posts since a time.

    `skipped` counts posts by reason code, the most frequent first, each with the latest reason of
    that code; `failures` and `reduced` do the same for failed posts, and for those that were sent
    without a part that Discord rejected. `next_at` is the time when the first waiting post becomes
    due. `unpublished` are the messages that wait to be published, and `without_thread` those that
    wait for a thread; None if there are none.
    """

    posted: int
    folded: int
    waiting: int
    failed: int
    uncertain: int
    skipped: tuple[tuple[Reason, int], ...]
    next_at: datetime | None
    failures: tuple[tuple[Reason, int], ...] = ()
    reduced: tuple[tuple[Reason, int], ...] = ()
    unpublished: WaitingMessages | None = None
    without_thread: WaitingMessages | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """The last notice to a server's admins that the bot can't post in a channel.

    `newest_subscription_id` is the id of the channel's newest subscription at that time.
    """

    newest_subscription_id: int
    cause: Reason


@dataclass(frozen=True, slots=True)
class SubscriptionSnapshot:
    """The stories that matter to a subscription: see `SubscriptionStore.subscription_snapshot`."""

    revision: int
    fresh: tuple[Story, ...]
    best: tuple[Story, ...]
    waiting: tuple[Story, ...] = ()
