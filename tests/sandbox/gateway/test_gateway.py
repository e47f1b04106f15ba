import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import pytest

from bot.sandbox import InteractionFailedError, Permission, Sandbox, SandboxOptions
from bot.sandbox.gateway.protocol import CloseCode
from bot.sandbox.gateway.sessions import shard_of
from tests.sandbox.support import NewsBot, RunBot
from tests.support.discord_library import QUICK_START
from tests.support.sandbox import checked_sandbox


class Shard:
    """A raw gateway connection."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, token: str) -> None:
        self.socket = socket
        self.token = token
        self.sequence: int | None = None

    async def send(self, op: int, data: object) -> None:
        await self.socket.send_json({"op": op, "d": data})

    async def identify(self, **more: object) -> None:
        await self.send(2, {"token": self.token, "intents": 1, "properties": {}} | more)

    async def read(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await self.socket.receive_str(timeout=60))
        if frame["s"] is not None:
            self.sequence = frame["s"]
        return frame

    async def read_until(self, name: str) -> dict[str, Any]:
        while (frame := await self.read())["t"] != name:
            pass
        data: dict[str, Any] = frame["d"]
        return data

    async def close_code(self) -> int | None:
        while (await self.socket.receive(timeout=60)).type is aiohttp.WSMsgType.TEXT:
            pass
        return self.socket.close_code


@asynccontextmanager
async def connect(sandbox: Sandbox) -> AsyncIterator[Shard]:
    """Open a connection and wait for its Hello."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(sandbox.gateway_url) as socket,
    ):
        shard = Shard(socket, sandbox.token)
        assert (await shard.read())["op"] == 10
        yield shard


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"token": "wrong"}, CloseCode.AUTHENTICATION_FAILED),
        ({"intents": 1 << 30}, CloseCode.INVALID_INTENTS),
        ({"intents": None}, CloseCode.INVALID_INTENTS),
        ({"intents": 1 << 15}, CloseCode.DISALLOWED_INTENTS),
        ({"shard": [2, 2]}, CloseCode.INVALID_SHARD),
        ({"shard": "no"}, CloseCode.INVALID_SHARD),
    ],
)
async def test_invalid_identify_closes_with_its_code(
    sandbox: Sandbox, changes: dict[str, object], code: int
) -> None:
    """Each mistake has the close code that Discord documents."""
    async with connect(sandbox) as shard:
        await shard.identify(**changes)
        assert await shard.close_code() == code


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (["{"], CloseCode.DECODE_ERROR),
        (["[]"], CloseCode.DECODE_ERROR),
        (["x" * 5000], CloseCode.DECODE_ERROR),
        (['{"op": 3, "d": {}}'], CloseCode.NOT_AUTHENTICATED),
        (['{"op": 1, "d": null}'] * 121, CloseCode.RATE_LIMITED),
    ],
)
async def test_invalid_frames_close_with_their_code(
    sandbox: Sandbox, frames: list[str], code: int
) -> None:
    """Unreadable, premature and too many frames end the connection."""
    async with connect(sandbox) as shard:
        for frame in frames:
            await shard.socket.send_str(frame)
        assert await shard.close_code() == code


async def test_second_identify_and_unknown_opcode_close(sandbox: Sandbox) -> None:
    """They close with 4005 and 4001."""
    for second, code in ((2, CloseCode.ALREADY_AUTHENTICATED), (99, CloseCode.UNKNOWN_OPCODE)):
        async with connect(sandbox) as shard:
            await shard.identify()
            await shard.send(second, {"token": sandbox.token})
            assert await shard.close_code() == code


async def test_client_without_heartbeats_is_closed() -> None:
    """The connection closes with 4009 after one and a half intervals."""
    options = SandboxOptions(heartbeat=timedelta(milliseconds=40))
    async with checked_sandbox(options) as sandbox, connect(sandbox) as shard:
        await shard.identify()
        assert await shard.close_code() == CloseCode.SESSION_TIMED_OUT


async def test_each_shard_gets_its_servers(sandbox: Sandbox) -> None:
    """A server's shard is (id >> 22) % shards."""
    guild = next(iter(sandbox.world.guilds))
    home = (guild >> 22) % 2
    for index in (0, 1):
        async with connect(sandbox) as shard:
            await shard.identify(shard=[index, 2])
            ready = await shard.read_until("READY")
            assert ready["shard"] == [index, 2]
            assert [int(each["id"]) for each in ready["guilds"]] == [guild] * (index == home)


async def test_resume_replays_missed_events(sandbox: Sandbox) -> None:
    """Every event after the given sequence number is replayed in order, then RESUMED."""
    guild = next(iter(sandbox.world.guilds))
    async with connect(sandbox) as shard:
        await shard.identify()
        session = (await shard.read_until("READY"))["session_id"]
        await shard.read_until("GUILD_CREATE")
        sequence = shard.sequence
        sandbox.faults.drop_gateway()
        await shard.close_code()
    await sandbox.wait_until(lambda: not sandbox.gateway.sessions.online)
    made = [sandbox.world.add_channel(guild, f"c{n}").id for n in range(3)]
    async with connect(sandbox) as shard:
        await shard.send(6, {"token": sandbox.token, "session_id": session, "seq": sequence})
        replayed = [await shard.read() for _ in range(4)]
        assert [each["t"] for each in replayed] == ["CHANNEL_CREATE"] * 3 + ["RESUMED"]
        assert [int(each["d"]["id"]) for each in replayed[:3]] == made


@pytest.mark.parametrize("sequence", [10_000, -5, None])
async def test_resume_with_an_invalid_sequence_is_refused(
    sandbox: Sandbox, sequence: int | None
) -> None:
    """A future number closes with 4007; one that is no longer kept gives op 9."""
    async with connect(sandbox) as shard:
        await shard.identify()
        session = (await shard.read_until("READY"))["session_id"]
        sandbox.faults.drop_gateway()
    async with connect(sandbox) as shard:
        await shard.send(6, {"token": sandbox.token, "session_id": session, "seq": sequence})
        if sequence == 10_000:
            assert await shard.close_code() == CloseCode.INVALID_SEQUENCE
        else:
            assert await shard.read() == {"op": 9, "d": False, "s": None, "t": None}


async def go_away_and_come_back(sandbox: Sandbox) -> None:
    async with sandbox.faults.outage():
        await sandbox.wait_until(lambda: not sandbox.gateway.sessions.online)


# Each way to lose the gateway, and whether the session can be resumed after it.
DROPS: dict[str, tuple[Callable[[Sandbox], Awaitable[None] | None], bool]] = {
    "connection broken": (lambda sandbox: sandbox.faults.drop_gateway(), True),
    "asked to reconnect": (lambda sandbox: sandbox.faults.ask_to_reconnect(), True),
    "invalid but resumable": (
        lambda sandbox: sandbox.faults.invalidate_sessions(resumable=True),
        True,
    ),
    "closed with 4000": (
        lambda sandbox: sandbox.faults.close_gateway(CloseCode.UNKNOWN_ERROR),
        True,
    ),
    "closed with 4008": (
        lambda sandbox: sandbox.faults.close_gateway(CloseCode.RATE_LIMITED),
        True,
    ),
    "closed with 4009": (
        lambda sandbox: sandbox.faults.close_gateway(CloseCode.SESSION_TIMED_OUT),
        True,
    ),
    "outage": (go_away_and_come_back, True),
    "invalid": (lambda sandbox: sandbox.faults.invalidate_sessions(resumable=False), False),
    "session lost": (lambda sandbox: sandbox.faults.lose_sessions(), False),
}


@pytest.mark.parametrize("how", DROPS)
async def test_discord_py_reconnects_without_losing_events(
    sandbox: Sandbox, bot: NewsBot, how: str
) -> None:
    """Missed events are replayed once and in order; a new session has the current state.

    The first change happens before the server notices that the connection is lost.
    """
    drop, resumes = DROPS[how]
    guild = bot.guilds[0]
    news = sandbox.world.find_channel("news")
    menu = await bot.get_partial_messageable(news.id).send(view=PressMe())
    bot.seen.clear()

    if (dropping := drop(sandbox)) is not None:
        await dropping
    added = sandbox.world.add_channel(guild.id, "while-away")
    role = sandbox.world.add_role(guild.id, "Night shift")
    sandbox.faults.revoke(news.id, Permission.SEND_MESSAGES)
    await sandbox.person("Max").press(menu.id, "press")

    await bot.saw("RESUMED" if resumes else "GUILD_CREATE")
    assert guild.id in {each.id for each in bot.guilds}
    now = bot.get_guild(guild.id)
    assert now is not None
    assert now.get_channel(added.id) is not None
    assert now.get_role(role.id) is not None
    channel = now.get_channel(news.id)
    assert channel is not None
    assert not channel.permissions_for(now.me).send_messages
    if resumes:
        assert bot.seen == [
            "CHANNEL_CREATE",
            "GUILD_ROLE_CREATE",
            "CHANNEL_UPDATE",
            "INTERACTION_CREATE",
            "RESUMED",
        ]


class PressMe(discord.ui.View):
    """A button that nothing responds to."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.add_item(discord.ui.Button(label="Press me", custom_id="press"))


async def test_interaction_replayed_too_late_is_unknown(sandbox: Sandbox, run_bot: RunBot) -> None:
    """An interaction that is replayed after its three seconds can't be responded to (10062)."""
    bot = NewsBot()
    codes: asyncio.Queue[int] = asyncio.Queue()

    @bot.tree.command(name="late", description="Answers whenever it can")
    async def late(interaction: discord.Interaction) -> None:
        try:
            await interaction.response.send_message("here")
        except discord.NotFound as error:
            codes.put_nowait(error.code)

    async with run_bot(sandbox, bot):
        await bot.tree.sync()
        bot.seen.clear()
        async with sandbox.faults.outage():
            await sandbox.wait_until(lambda: not sandbox.gateway.sessions.online)
            news = sandbox.world.find_channel("news").id
            interaction = await sandbox.person("Max").command(news, "late")
            sandbox.faults.move_clock(sandbox.options.response_time)
            with pytest.raises(InteractionFailedError):
                await interaction.answered()
        async with asyncio.timeout(60):
            assert await codes.get() == 10062


class ShardedBot(discord.AutoShardedClient):
    """The library with two shards."""

    def __init__(self) -> None:
        super().__init__(shard_count=2, intents=discord.Intents(guilds=True), **QUICK_START)
        self.resumed: asyncio.Queue[int] = asyncio.Queue()

    async def on_shard_resumed(self, shard_id: int) -> None:
        """Record a resumed shard."""
        self.resumed.put_nowait(shard_id)


async def test_two_shards_get_their_servers_and_reconnect(
    sandbox: Sandbox, run_bot: RunBot
) -> None:
    """Each server stays on the shard of its id, before and after both connections break."""
    world = sandbox.world
    ada = world.find_user("Ada").id
    while len(homes := {shard_of(each, 2) for each in world.guilds}) < 2:
        sandbox.faults.move_clock(timedelta(milliseconds=1))
        world.add_guild("Another", ada, everyone=0, bot_permissions=0)
    assert homes == {0, 1}
    bot = ShardedBot()
    async with run_bot(sandbox, bot):
        shards = {each.id: each.shard_id for each in bot.guilds}
        assert shards == {each: shard_of(each, 2) for each in world.guilds}
        assert {each.shard for each in sandbox.gateway.sessions.by_id.values()} == {(0, 2), (1, 2)}
        sandbox.faults.drop_gateway()
        made = {each: world.add_channel(each, "while-away").id for each in world.guilds}
        async with asyncio.timeout(60):
            assert {await bot.resumed.get(), await bot.resumed.get()} == {0, 1}
        for guild in bot.guilds:
            assert guild.get_channel(made[guild.id]) is not None


async def test_permission_changes_reach_the_library(sandbox: Sandbox, bot: NewsBot) -> None:
    """The library computes the same permissions as the sandbox after each change."""
    guild, news = bot.guilds[0], sandbox.world.find_channel("news")
    for change, allowed in ((sandbox.faults.revoke, False), (sandbox.faults.grant, True)):
        bot.seen.clear()
        change(news.id, Permission.SEND_MESSAGES, Permission.EMBED_LINKS)
        await bot.saw("CHANNEL_UPDATE")
        channel = guild.get_channel(news.id)
        assert channel is not None
        rights = channel.permissions_for(guild.me)
        assert rights.value == sandbox.world.permissions_in(news.id, sandbox.world.bot.id)
        assert (rights.send_messages, rights.embed_links) == (allowed, allowed)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (CloseCode.AUTHENTICATION_FAILED, discord.ConnectionClosed),
        (CloseCode.INVALID_INTENTS, discord.ConnectionClosed),
        (CloseCode.DISALLOWED_INTENTS, discord.PrivilegedIntentsRequired),
    ],
)
async def test_fatal_close_code_raises_in_the_library(
    sandbox: Sandbox, run_bot: RunBot, code: int, error: type[Exception]
) -> None:
    """Discord's fatal close codes reach the program as exceptions."""
    bot = NewsBot()
    async with run_bot(sandbox, bot) as running:
        await sandbox.faults.close_gateway(code)
        with pytest.raises(error):
            await running


async def test_privileged_intent_is_refused(sandbox: Sandbox, run_bot: RunBot) -> None:
    """The message content intent must be enabled in Discord's portal (4014)."""
    bot = NewsBot(intents=discord.Intents(guilds=True, message_content=True))
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with run_bot(sandbox, bot):
            pass


async def test_world_changes_reach_the_library(sandbox: Sandbox, bot: NewsBot) -> None:
    """The library's cache follows changes of channels, roles, members and servers."""
    world, guild = sandbox.world, bot.guilds[0]

    channel = world.add_channel(guild.id, "new")
    role = world.add_role(guild.id, "Editors")
    world.set_role_permissions(guild.id, role.id, 8)
    world.set_member_roles(guild.id, world.bot.id, [role.id])
    await bot.saw("GUILD_MEMBER_UPDATE")
    assert guild.get_channel(channel.id) is not None
    assert guild.me.guild_permissions.administrator
    world.rename_channel(channel.id, "renamed")
    world.rename_guild(guild.id, "Another name")
    world.delete_role(guild.id, role.id)
    await bot.saw("GUILD_ROLE_DELETE")
    assert str(guild.get_channel(channel.id)) == "renamed"
    assert (guild.name, guild.get_role(role.id)) == ("Another name", None)
    world.delete_channel(channel.id)
    await bot.saw("CHANNEL_DELETE")
    assert guild.get_channel(channel.id) is None
    owner = world.find_user("Ada").id
    other = world.add_guild("Second", owner, everyone=0, bot_permissions=0)
    world.add_channel(other.id, "lobby")
    await bot.saw("GUILD_CREATE")
    bot.seen.clear()
    world.remove_member(other.id, world.bot.id)
    await bot.saw("GUILD_DELETE")
    bot.seen.clear()
    world.delete_guild(guild.id)
    await bot.saw("GUILD_DELETE")
    assert not bot.guilds


async def test_messages_arrive_only_with_their_intent(sandbox: Sandbox, run_bot: RunBot) -> None:
    """With the messages intent a member's message arrives, but its content is empty."""
    bot = NewsBot(intents=discord.Intents(guilds=True, guild_messages=True))
    async with run_bot(sandbox, bot):
        news = sandbox.world.find_channel("news").id
        arrives = asyncio.ensure_future(bot.wait_for("message", timeout=60))
        await asyncio.sleep(0)
        await sandbox.person("Max").say(news, "hello")
        message = await arrives
        assert (message.channel.id, message.content) == (news, "")
