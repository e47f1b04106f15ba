"""Many channels that subscribe to every story, and the messages that they must contain.

They are of all kinds and looks, in equal numbers.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from bot.sandbox import Sandbox
from bot.sandbox.model.entities import ChannelType, Message
from bot.sandbox.model.seed import BOT, EVERYONE
from storage.models import DeliveryOptions, Look, NewSubscription, StoryQuery, SubscriptionSpec
from storage.open import open_store
from storage.posts import FollowUpStatus, PostStatus
from storage.protocols import Store
from tests.support.desk import Desk
from tests.support.outbox import add_subscription
from tests.support.places import (
    MOST_PUBLISHED,
    PUBLISH,
    Place,
    Publications,
    add_place,
    is_discussed,
    is_published,
    messages_in,
    story_in,
    story_name,
    threads_of,
)

CHANNELS_PER_SERVER = 50
LOCK_TIMEOUT_SECONDS = 60.0
# More posts than any test has.
MANY = 100_000
UNFINISHED = (PostStatus.PLANNED, PostStatus.CLAIMED, PostStatus.RETRY)


@dataclass(frozen=True, slots=True)
class Tally:
    """How the messages in the channels differ from the expected ones, counted in messages."""

    messages: int
    lost: int
    repeated: int
    outdated: int


@dataclass(frozen=True, slots=True)
class DiscussionTally:
    """What became of the threads that are to be opened under messages.

    `lost` ones are neither opened nor waiting.
    """

    opened: int
    waiting: int
    lost: int

    def __str__(self) -> str:
        return f"{self.opened} discussions, {self.waiting} waiting, {self.lost} lost"


@dataclass(frozen=True, slots=True)
class PublicationTally:
    """What became of the messages that are to be published.

    `lost` ones are neither published nor waiting. `refused`: requests above Discord's limit.
    """

    published: int
    waiting: int
    lost: int
    most_in_an_hour: int
    refused: int

    @property
    def ok(self) -> bool:
        """Whether each is published or waits, within the limit."""
        return not self.lost and self.most_in_an_hour <= MOST_PUBLISHED

    def __str__(self) -> str:
        return (
            f"{self.published} published, {self.waiting} waiting to be, {self.lost} lost,"
            f" at most {self.most_in_an_hour} in an hour, {self.refused} refused"
        )


@dataclass
class SubscribedChannels:
    """Channels, stories and a database; `titles` has the latest title of each story by name."""

    sandbox: Sandbox
    folder: Path
    database: Path
    channel_ids: list[int] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    discussed: set[int] = field(default_factory=set)
    """The channels with a thread under each message."""

    def __post_init__(self) -> None:
        self.publications = Publications(self.sandbox)

    def open_store(self) -> AbstractAsyncContextManager[Store]:
        """Open the database beside the bot, which may keep it locked while the machine is busy."""
        return open_store(self.database, lock_timeout=LOCK_TIMEOUT_SECONDS)

    async def create(self, count: int, places: Sequence[Place] = tuple(Place)) -> None:
        """Create the channels in several servers and subscribe each of them to everything."""
        world, now, looks = self.sandbox.world, self.sandbox.clock(), tuple(Look)
        owner = world.find_user("Ada").id
        async with self.open_store() as store:
            for first in range(0, count, CHANNELS_PER_SERVER):
                server = world.add_guild(
                    f"Server {first}", owner, everyone=EVERYONE, bot_permissions=BOT
                )
                for number in range(first, min(first + CHANNELS_PER_SERVER, count)):
                    place = places[number % len(places)]
                    channel_id = add_place(world, server.id, place, f"news-{number}")
                    self.channel_ids.append(channel_id)
                    delivery = DeliveryOptions(
                        publish=place is Place.ANNOUNCEMENT,
                        discuss=place is Place.DISCUSSED,
                        look=looks[number % len(looks)],
                    )
                    if delivery.discuss:
                        self.discussed.add(channel_id)
                    spec = SubscriptionSpec(channel_id, delivery=delivery)
                    new = NewSubscription(server.id, owner, now, spec)
                    await add_subscription(store, new, revision=0, seen=(), catch_up=())

    def write_story(self, name: str, title: str, *, quality: int = 90) -> None:
        """Write a story, or change its title."""
        self.titles[name] = title
        published = self.sandbox.clock().isoformat(timespec="seconds")
        desk = Desk(self.sandbox, self.folder, self.database)
        desk.write(name, title=title, quality=quality, published=published)

    def count_messages(self) -> int:
        """Return the number of messages in all channels."""
        return sum(len(messages_in(self.sandbox.world, each)) for each in self.channel_ids)

    def posted_stories(self, channel_id: int) -> list[tuple[str, str]]:
        """Return the name and the title of each story in a channel; withdrawn ones have no link."""
        messages = messages_in(self.sandbox.world, channel_id)
        return list(filter(None, map(story_in, messages)))

    def tally(self, uncertain: Collection[tuple[int, str]] = ()) -> Tally:
        """Compare every channel with all stories.

        `uncertain` are (channel, story) pairs that may have been posted once or not at all.
        """
        messages = lost = repeated = outdated = 0
        for channel_id in self.channel_ids:
            posted = self.posted_stories(channel_id)
            counts = Counter(name for name, _ in posted)
            messages += len(posted)
            repeated += sum(count - 1 for count in counts.values())
            repeated += self.spare_threads(channel_id, posted)
            certain = {name for name in self.titles if (channel_id, name) not in uncertain}
            lost += sum(counts[name] == 0 for name in certain)
            outdated += sum(title != self.titles[name] for name, title in posted if name in certain)
        return Tally(messages, lost, repeated, outdated)

    def spare_threads(self, channel_id: int, posted: Sequence[object]) -> int:
        """How many threads of a forum have no story."""
        world = self.sandbox.world
        channel = world.channel(channel_id)
        if channel.type is not ChannelType.FORUM:
            return 0
        return len(threads_of(world, channel)) - len(posted)

    async def uncertain_posts(self) -> set[tuple[int, str]]:
        """The posts, by channel and story, that may have been sent once or not at all."""
        async with self.open_store() as store:
            found = await store.list_posts([PostStatus.UNCERTAIN], MANY)
        return {(each.post.channel_id, story_name(each.story.article.url)) for each in found}

    async def describe_faults(self, uncertain: Collection[tuple[int, str]]) -> Sequence[str]:
        """What became of each post that is lost or outdated, a line each."""
        lines = []
        async with self.open_store() as store:
            stories = (await store.find_stories(StoryQuery(limit=1_000))).stories
            ids = {story_name(each.article.url): each.id for each in stories}
            for channel_id in self.channel_ids:
                shown = dict(self.posted_stories(channel_id))
                for name, title in self.titles.items():
                    if shown.get(name) == title or (channel_id, name) in uncertain:
                        continue
                    post = await store.find_post(ids[name], channel_id)
                    history = await store.post_history(post.id) if post else ()
                    events = [f"{each.status} {each.reason or ''}".strip() for each in history]
                    kind = self.sandbox.world.channel(channel_id).type.name
                    lines.append(f"{kind} {channel_id}, {name}: {post}; {', '.join(events)}")
        return lines

    def unpublished(self) -> dict[int, list[Message]]:
        """The messages that are to be published, by channel."""
        world = self.sandbox.world
        return {
            each: [message for message in messages_in(world, each) if not is_published(message)]
            for each in self.channel_ids
            if world.channel(each).type is ChannelType.ANNOUNCEMENT
        }

    async def tally_publications(self) -> PublicationTally:
        """Compare the messages that are to be published with those that are, and that wait."""
        uncertain = await self.uncertain_posts()
        unpublished = {
            each.id
            for channel_id, found in self.unpublished().items()
            for each in _without(found, channel_id, uncertain)
        }
        waiting = await self._count_waiting(unpublished)
        return PublicationTally(
            self.publications.count,
            waiting,
            len(unpublished) - waiting,
            self.publications.most_in_an_hour,
            sum(
                each.route == PUBLISH and each.status == HTTPStatus.TOO_MANY_REQUESTS
                for each in self.sandbox.requests
            ),
        )

    async def tally_discussions(self) -> DiscussionTally:
        """Compare the messages that are to have a thread with those that have, and that wait."""
        uncertain = await self.uncertain_posts()
        messages = [
            message
            for each in self.discussed.intersection(self.channel_ids)
            for message in _without(messages_in(self.sandbox.world, each), each, uncertain)
        ]
        undone = {each.id for each in messages if not is_discussed(each)}
        waiting = await self._count_waiting(undone)
        return DiscussionTally(len(messages) - len(undone), waiting, len(undone) - waiting)

    async def _count_waiting(self, message_ids: Collection[int]) -> int:
        """The number of these messages that have a follow-up that waits."""
        waiting = 0
        async with self.open_store() as store:
            for found in await store.list_posts([PostStatus.SENT], MANY):
                if found.post.message_id in message_ids:
                    follow_ups = await store.list_follow_ups(found.post.id)
                    waiting += any(each.status is FollowUpStatus.WAITING for each in follow_ups)
        return waiting

    async def has_due_follow_ups(self) -> bool:
        """Return whether messages can be published now, or threads opened under them."""
        async with self.open_store() as store:
            return bool(await store.due_follow_ups(self.sandbox.clock(), 1, ()))

    async def is_idle(self) -> bool:
        """Return whether the bot has nothing left to do."""
        async with self.open_store() as store:
            counts = await store.count_posts()
            edits = await store.count_edits()
            view = await store.planner_snapshot(1)
        waiting = sum(counts.get(each, 0) for each in UNFINISHED)
        return not (waiting or edits or view.stories)

    async def is_finished(self) -> bool:
        """Return whether it has read every story, in its latest version, and has nothing to do."""
        async with self.open_store() as store:
            page = await store.find_stories(StoryQuery(limit=1_000))
        read = {story.article.title for story in page.stories}
        return read == set(self.titles.values()) and await self.is_idle()

    async def describe_outbox(self) -> str:
        """Describe the outbox for a person who wants to know why it is not empty."""
        async with self.open_store() as store:
            counts = {str(status): count for status, count in (await store.count_posts()).items()}
            waiting = await store.list_posts(UNFINISHED, 3)
            paused = [
                each
                for guild_id in self.sandbox.world.guilds
                for each in await store.list_subscriptions(guild_id)
                if each.paused_by
            ]
            edits = await store.count_edits()
        posts = [(each.post.status, each.post.channel_id, each.post.reason) for each in waiting]
        reasons = [(each.spec.channel_id, each.paused_by, each.paused_reason) for each in paused]
        return f"posts {counts}, {edits} edits; waiting {posts}; paused {reasons}"

    async def is_sending(self, channel_id: int | None = None) -> bool:
        """Return whether a post is being sent to a channel, or (None) to any channel."""
        async with self.open_store() as store:
            claimed = await store.list_posts([PostStatus.CLAIMED], len(self.channel_ids))
        return any(channel_id in {None, each.post.channel_id} for each in claimed)


def _without(
    messages: Iterable[Message], channel_id: int, posts: Collection[tuple[int, str]]
) -> list[Message]:
    """The messages of a channel that are not of these posts."""
    return [
        each
        for each in messages
        if (story := story_in(each)) is None or (channel_id, story[0]) not in posts
    ]
