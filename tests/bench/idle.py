"""The cost of an idle bot, compared with a bare discord.py bot in the same servers."""

import asyncio
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot.clock import SystemClock
from bot.config.sources import FeedSettings
from bot.sandbox import Sandbox, SandboxOptions
from bot.sandbox.model.seed import BOT, EVERYONE
from storage.open import open_store
from tests.bench.articles import write_articles
from tests.bench.figures import Figure
from tests.bench.processes import Program, running, settled
from tests.ingest.feed.support import item, rss
from tests.support.articles import make_article, make_documents
from tests.support.database import execute
from tests.support.web import serve_web

SERVERS, CHANNELS, ROLES = 1_000, 20, 20
SUBSCRIPTIONS, STORIES, TOPICS = 10_000, 100_000, 1_000
# What the stories came from: feeds, which show none of them any more. And a folder is watched.
FEEDS, FILES = 100, 20
SECONDS = 60.0
# Both bots have started when they were idle for so long, which takes them less than READY_SECONDS.
QUIET_SECONDS, READY_SECONDS = 10.0, 300.0


async def measure_idle() -> Sequence[Figure]:
    """Run both bots in the same servers while nothing happens."""
    with tempfile.TemporaryDirectory() as name:
        database, folder, config = (Path(name) / each for each in ("a.db", "articles", "a.yaml"))
        write_articles(folder, FILES)
        sandbox = Sandbox(SandboxOptions(rates=None))
        async with sandbox.serve(), serve_web() as server:
            _found(sandbox)
            feeds = [
                FeedSettings(feed=server.versioned(f"/{each}", rss(item(each))), allow_private=True)
                for each in range(STORIES, STORIES + FEEDS)
            ]
            await _fill(database, [feed.name for feed in feeds], sandbox)
            config.write_text(_settings(database, folder, feeds))
            discord = {"DISCORD_API_URL": sandbox.api_url, "DISCORD_TOKEN": sandbox.token}
            async with (
                running("tests.bench.bare_bot", sandbox.api_url, sandbox.token) as bare,
                running("bot", "run", "--config", str(config), variables=discord) as ours,
            ):
                await settled([bare, ours], quiet=QUIET_SECONDS, within=READY_SECONDS)
                figures = await _compare(bare, ours)
                # Both must be connected; otherwise they would be idle for the wrong reason.
                assert int(await bare.first_line()) == len(sandbox.world.guilds)
                await _ask(sandbox)
                return figures


async def _ask(sandbox: Sandbox) -> None:
    """Run a lookup as a member of the last server."""
    channel = max(sandbox.world.channels)
    asked = await sandbox.person("Ada").command(channel, "news latest", {})
    answer = await asked.answered()
    assert answer is not None
    assert answer.embeds


async def _compare(bare: Program, ours: Program) -> Sequence[Figure]:
    before = [each.processor_seconds() for each in (bare, ours)]
    await asyncio.sleep(SECONDS)
    used = [
        100 * (each.processor_seconds() - then) / SECONDS
        for each, then in zip((bare, ours), before, strict=True)
    ]
    memory = [each.megabytes() for each in (bare, ours)]
    return [
        Figure(
            f"an idle bot in {SERVERS:,} servers, {SUBSCRIPTIONS:,} subscriptions,"
            f" {STORIES:,} articles",
            f"{used[1]:.2f} % of a core (a bare discord.py bot: {used[0]:.2f} %)",
            "< 0.2 %",
        ),
        Figure(
            "its memory, compared with the bare bot's",
            f"{memory[1] / memory[0]:.2f} x ({memory[1]:.0f} MB, {memory[0]:.0f} MB)",
            "≤ 1.65 x",
        ),
    ]


def _found(sandbox: Sandbox) -> None:
    """Add the bot to many servers of some size."""
    world = sandbox.world
    owner = world.find_user("Ada").id
    for number in range(SERVERS):
        server = world.add_guild(
            f"Server {number}", owner, everyone=int(EVERYONE), bot_permissions=int(BOT)
        )
        for each in range(ROLES):
            world.add_role(server.id, f"Role {each}")
        for each in range(CHANNELS):
            world.add_channel(server.id, f"channel-{each}", topic="What is spoken of here")


def _settings(database: Path, folder: Path, feeds: Sequence[FeedSettings]) -> str:
    sources = [
        {"folder": str(folder)},
        *({"feed": each.feed, "allow_private": True} for each in feeds),
    ]
    return json.dumps({"database": str(database), "sources": sources})


async def _fill(database: Path, feeds: Sequence[str], sandbox: Sandbox) -> None:
    """Store years of feed entries, and subscriptions to one topic each; no post waits."""
    channels = [
        (channel.guild_id, channel.id)
        for channel in sandbox.world.channels.values()
        if channel.name in {f"channel-{each}" for each in range(SUBSCRIPTIONS // SERVERS)}
    ]
    now = SystemClock().now()
    async with open_store(database) as store:
        await store.register_sources(feeds)
        for index, feed in enumerate(feeds):
            articles = [
                make_article(number, topics=(f"Topic {number % TOPICS}",), published_at=now)
                for number in range(index, STORIES, len(feeds))
            ]
            await store.save_documents(feed, make_documents(*articles), now)
    created_at = now.isoformat(timespec="microseconds")
    rows = ", ".join(
        f"({number}, {guild}, {channel}, 1, '{created_at}',"
        f" json_object('topics', json_array('Topic {number % TOPICS}')))"
        for number, (guild, channel) in enumerate(channels, 1)
    )
    # Saving them one by one through the store would take minutes.
    script = f"""
        INSERT INTO subscriptions (id, guild_id, channel_id, created_by, created_at, rules)
        VALUES {rows};
        INSERT INTO subscription_topics (folded, min_quality, subscription_id)
        SELECT 'topic ' || (id % {TOPICS}), 0, id FROM subscriptions;
        UPDATE settings SET value = (SELECT max(revision) FROM articles)
        WHERE name = 'planner_cursor'
    """  # noqa: S608 - numbers of ours
    execute(database, script)
