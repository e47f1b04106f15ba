"""From a member's command in the sandbox to the bot's answer: a real bot process, real sockets."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.discordapp.messages import errors
from bot.sandbox import InteractionFailedError, Sandbox, SandboxOptions
from bot.sandbox.errors import PersonError
from bot.sandbox.model.seed import BOT, EVERYONE
from tests.bench.articles import write_articles
from tests.bench.lookups.archive import Archive
from tests.bench.lookups.commands import Command, all_commands
from tests.bench.lookups.draws import Draws
from tests.bench.lookups.page_cache import cached_share, drop_page_cache
from tests.bench.lookups.timing import Taken, Times
from tests.bench.processes import Program, running, settled
from tests.support.database import execute, query

# Nothing listens there.
UNREADABLE = "http://127.0.0.1:9/feed"
SERVERS, MEMBERS_PER_SERVER = 5, 50
AT_ONCE, FILES, FEWEST_LOADING_SECONDS = 50, 50_000, 20.0
ALONE_GOAL, AT_ONCE_GOAL, LOADING_GOAL, COLD_GOAL = 0.150, 1.0, 2.0, 0.5
# The bot has started when it has been idle for so long.
QUIET_SECONDS, READY_SECONDS = 3.0, 300.0
_REFUSALS = (errors.SLOW_DOWN, errors.SERVER_SLOW_DOWN)


@dataclass
class Members:
    """Members of several servers. Each asks seldom enough for the bot's limits."""

    sandbox: Sandbox
    archive: Archive
    _places: list[tuple[int, int]] = field(default_factory=list)
    _turn: "count[int]" = field(default_factory=count)

    def join(self) -> None:
        """Add the servers and members."""
        world = self.sandbox.world
        owner = world.find_user("Ada").id
        for server in range(SERVERS):
            guild = world.add_guild(
                f"Server {server}", owner, everyone=int(EVERYONE), bot_permissions=int(BOT)
            )
            channel = world.add_channel(guild.id, "news")
            for each in range(MEMBERS_PER_SERVER):
                user = world.add_user(f"member-{server}-{each}")
                world.add_member(guild.id, user.id)
                self._places.append((user.id, channel.id))

    async def ask(self, command: Command, times: Times) -> None:
        """Let the next member use a command, and time the answer."""
        user, channel = self._places[next(self._turn) * 7 % len(self._places)]
        failed = False
        started = time.perf_counter()
        try:
            answer = await command.use(self.sandbox, user, channel)
            failed = answer is not None and answer.content.startswith(_REFUSALS)
        except (InteractionFailedError, PersonError, TimeoutError) as error:
            failed = True
            sys.stderr.write(f"{command}: {error}\n")
        times.add(Taken(time.perf_counter() - started, str(command)), failed=failed)


@dataclass(frozen=True, slots=True)
class RunningBot:
    """A bot on the database, with a folder into which articles can be moved to be loaded."""

    program: Program
    members: Members
    database: Path
    folder: Path

    def commands(self, name: str) -> Mapping[str, Callable[[], Command]]:
        """Drawings of each kind of command, in a sequence of their own for each `name`."""
        draws = Draws.of(self.members.archive, name)
        return {kind: partial(drawn, draws) for kind, drawn in all_commands().items()}


@asynccontextmanager
async def running_bot(database: Path, archive: Archive) -> AsyncIterator[RunningBot]:
    """Run the bot until the block ends; it has started and is idle.

    One of its sources can't be read, so it does not withdraw the archive, whose sources it does not
    know.
    """
    execute(
        database,
        "UPDATE settings SET value = (SELECT max(revision) FROM articles)"
        " WHERE name = 'planner_cursor'",
    )
    sandbox = Sandbox(SandboxOptions(rates=None))
    with TemporaryDirectory() as name:
        folder, config = Path(name) / "articles", Path(name) / "a.yaml"
        folder.mkdir()
        sources = [{"folder": str(folder)}, {"feed": UNREADABLE, "allow_private": True}]
        config.write_text(json.dumps({"database": str(database), "sources": sources}))
        async with sandbox.serve():
            members = Members(sandbox, archive)
            members.join()
            variables = {"DISCORD_API_URL": sandbox.api_url, "DISCORD_TOKEN": sandbox.token}
            async with running("bot", "run", "--config", str(config), variables=variables) as bot:
                await _ready(sandbox, bot)
                yield RunningBot(bot, members, database, folder)


async def _ready(sandbox: Sandbox, bot: Program) -> None:
    """Wait until the bot has commands, and is idle. Returns early if it has ended."""
    ended = asyncio.create_task(bot.process.wait())
    connected = asyncio.create_task(
        sandbox.wait_until(lambda: sandbox.world.commands, READY_SECONDS)
    )
    await asyncio.wait({ended, connected}, return_when=asyncio.FIRST_COMPLETED)
    if connected.done():
        await connected
        await settled([bot], quiet=QUIET_SECONDS, within=READY_SECONDS)
    for each in (ended, connected):
        each.cancel()


async def time_alone(bot: RunningBot, samples: int, report: Callable[[Times], None]) -> None:
    """One command after the other, `samples` of each kind."""
    for kind, draw in bot.commands("alone").items():
        times = Times(f"round trip, {kind}", ALONE_GOAL)
        await bot.members.ask(draw(), Times("warm-up", 0))
        for _ in range(samples):
            await bot.members.ask(draw(), times)
        report(times)


async def time_at_once(bot: RunningBot, samples: int) -> Times:
    """Fifty members at once, several times."""
    times = Times(f"round trip, {AT_ONCE} members at once", AT_ONCE_GOAL, share=1)
    draws = list(bot.commands("at once").values())
    for _ in range(0, samples, AT_ONCE):
        commands = [draws[each % len(draws)]() for each in range(AT_ONCE)]
        async with asyncio.TaskGroup() as group:
            for command in commands:
                group.create_task(bot.members.ask(command, times))
    return times


async def time_loading(bot: RunningBot, samples: int) -> tuple[Times, str]:
    """While the same bot loads the files of another source; with what was loaded meanwhile."""
    times = Times(f"round trip, while {FILES:,} files are loaded", LOADING_GOAL, share=1)
    files = bot.folder.with_name("files")
    await asyncio.to_thread(write_articles, files, FILES)
    draws = list(bot.commands("loading").values())
    started = time.perf_counter()
    files.replace(bot.folder / "files")
    seconds = 0.0
    while len(times.taken) < samples or seconds < FEWEST_LOADING_SECONDS:
        await bot.members.ask(draws[len(times.taken) % len(draws)](), times)
        seconds = time.perf_counter() - started
    loaded = query(
        bot.database,
        "SELECT count(*) FROM documents WHERE source_id = (SELECT id FROM sources WHERE rank = 0)",
    )[0]
    return times, f"{loaded:,} files were loaded in {seconds:.0f} s"


async def time_cold(bot: RunningBot, samples: int) -> tuple[Times, str]:
    """With nothing of the database in the system's memory; with what was in it all the same."""
    times = Times("round trip, page cache dropped", COLD_GOAL, share=1)
    draws = list(bot.commands("cold").values())
    cached = 0.0
    for number in range(samples):
        command = draws[number % len(draws)]()
        await asyncio.to_thread(drop_page_cache, bot.database)
        cached = max(cached, await asyncio.to_thread(cached_share, bot.database))
        await bot.members.ask(command, times)
    return times, f"at most {cached:.1%} of the file was in memory before a question (mincore)"
