"""A real client with `/news` on a sandbox, and a real database."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import discord
import pytest

from bot.announce.archive_terms import ArchiveTerms
from bot.discordapp import news
from bot.discordapp.command_mentions import CommandMentions
from bot.discordapp.command_tree import CommandTree
from bot.discordapp.components import Components
from bot.discordapp.endpoint import discord_endpoint, use_announced_gateway
from bot.discordapp.interactions import Interaction
from bot.discordapp.malformed import MalformedData
from bot.discordapp.member_limits import MemberLimits, Rate, Rates
from bot.discordapp.news.topic_chart import TopicCharts
from bot.discordapp.replies import DEFER_AFTER, Replies
from bot.sandbox import Sandbox
from storage.errors import NotFoundError
from storage.models import Story
from storage.open import open_store
from storage.posts import ClaimedPost, Post, PostStatus
from tests.discordapp.news.support import NOW, Archive, Reader
from tests.support.clock import FakeClock
from tests.support.discord_library import QUICK_START


@dataclass
class Posts:
    """Delivered posts and their stories; replaces the outbox."""

    delivered: dict[int, ClaimedPost] = field(default_factory=dict)

    def deliver(self, post_id: int, nonce: str, channel_id: int, *stories: Story) -> ClaimedPost:
        """Record the post of a story, or of several as a digest."""
        post = Post(
            *(post_id, stories[0].id, 1, 1, channel_id, nonce, PostStatus.SENT, False, NOW, NOW)
        )
        claimed = ClaimedPost(post, stories[0], digest=stories if len(stories) > 1 else ())
        self.delivered[post_id] = claimed
        return claimed

    async def get_delivered(self, post_id: int) -> ClaimedPost:
        """See `PostLookup`."""
        if post_id not in self.delivered:
            raise NotFoundError(f"there is no post {post_id}")
        return self.delivered[post_id]


RunBot = Callable[[], AbstractAsyncContextManager[discord.Client]]


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Archive]:
    """An empty database."""
    async with open_store(tmp_path / "news.db") as store:
        await store.register_sources(["test"])
        yield Archive(store)


@pytest.fixture
def sandbox(sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sandbox of every test, with discord.py pointed at it."""
    with discord_endpoint(sandbox.api_url):
        yield sandbox


@pytest.fixture
def posts() -> Posts:
    """No posts yet."""
    return Posts()


@pytest.fixture
def bot_clock() -> FakeClock:
    """The clock of the bots."""
    return FakeClock(NOW)


@pytest.fixture
def run_bot(sandbox: Sandbox, archive: Archive, posts: Posts, bot_clock: FakeClock) -> RunBot:
    """Starts bots that answer `/news`."""

    @asynccontextmanager
    async def run() -> AsyncIterator[discord.Client]:
        client = discord.Client(intents=discord.Intents(guilds=True), **QUICK_START)
        clock = bot_clock
        limits = MemberLimits(clock, Rates(Rate(1000, 1), Rate(1000, 1)))
        malformed = MalformedData()
        replies = Replies(clock, CommandMentions(), DEFER_AFTER)
        tree = CommandTree(client, limits, limits, malformed, replies)
        components = Components(limits, malformed, replies)

        @client.event
        async def on_interaction(interaction: Interaction) -> None:
            await components.answer(interaction)

        charts, terms = TopicCharts(archive.seen, clock), ArchiveTerms(archive.store, clock)
        news.setup(tree, components, archive.seen, clock, posts, terms, charts)
        async with client, asyncio.TaskGroup() as tasks:
            await client.login(sandbox.token)
            await use_announced_gateway(client)
            await tree.sync()
            tasks.create_task(client.connect())
            drawing = tasks.create_task(charts.run())
            await client.wait_until_ready()
            yield client
            drawing.cancel()
            replies.close()
            await client.close()

    return run


@pytest.fixture
async def bot(run_bot: RunBot) -> AsyncIterator[discord.Client]:
    """A bot that is ready."""
    async with run_bot() as client:
        yield client


@pytest.fixture
def ada(sandbox: Sandbox, bot: discord.Client) -> Reader:
    """A member who uses `/news` in #news."""
    assert bot.is_ready()
    return Reader(sandbox, "Ada")
