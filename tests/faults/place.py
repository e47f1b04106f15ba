"""A place in which something is broken: a folder, an environment, and a sandbox as Discord."""

import asyncio
import logging
import os
import re
import socket
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import (
    asynccontextmanager,
    chdir,
    closing,
    contextmanager,
    redirect_stderr,
    suppress,
)
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import aiohttp

from bot.app import Progress, run_bot
from bot.cli.check import run_checks
from bot.cli.checks.folders import free_bytes
from bot.cli.checks.results import Level, plain_lines
from bot.cli.run import settings_and_token
from bot.clock import Clock, SystemClock
from bot.config.settings import load_settings
from bot.errors import SettingsError
from bot.sandbox import Sandbox
from bot.urls.redaction import redact
from storage.errors import StorywireError
from tests.support.articles import make_news_markdown
from tests.support.sandbox import checked_sandbox
from tests.support.web import WebServer, serve_web

SECONDS = 60
# What differs between runs and machines, and what is shown instead.
_VARYING = {
    r"http://127\.0\.0\.1:(?!9/)\d+": "https://example.org",
    r"Cannot connect to host [^()]*(\([^)]*\)[^()]*)?": "Cannot connect to host example.org",
    r"[A-Z][a-z]{2} \d\d \d\d:\d\d UTC": "Nov 23 12:00 UTC",
    r"\b\d{17,19}\b": "1196184075342483046",
    r"\bport \d{5}\b": "port 8766",
    r"\d{8}T\d{6}Z": "20261123T120000Z",
    r"supports up to \d+": "supports up to 12",
}


@dataclass
class Place:
    """Where the bot runs: everything works until a fault changes it."""

    folder: Path
    sandbox: Sandbox
    web: WebServer
    settings: str = "sources:\n  - folder: articles\n"
    variables: dict[str, str] = field(default_factory=dict)
    clock: Clock = field(default_factory=SystemClock)
    free_bytes: Callable[[Path], int] = free_bytes
    ready: str = "no answer"

    @property
    def database(self) -> Path:
        """The file of the database."""
        return self.folder / "var/storywire.db"

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def write_article(self, name: str) -> None:
        """Publish an article now."""
        now = SystemClock().now().isoformat(timespec="seconds")
        self.write(f"articles/{name}.md", make_news_markdown(name, published=now))


Change: TypeAlias = Callable[[Place], Awaitable[None] | None]


def _nothing(_: Place) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that an operator can break.

    `prepare` breaks it before the start, `disturb` while the bot runs, and `repair` lets the bot
    end. `logs` is in what is logged about it: "" for the first warning, None if nothing is.
    `unready` are the parts that are not ok then, for `/readyz`.
    """

    name: str
    prepare: Change = _nothing
    disturb: Change | None = None
    repair: Change = _nothing
    unready: Sequence[str] = ()
    logs: str | None = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """What is said about a fault: by `storywire check --online`, in the log, and at `/readyz`."""

    check: Sequence[str]
    log: Sequence[str]
    ready: str


@asynccontextmanager
async def place() -> AsyncIterator[Place]:
    """A new place, which is the working directory."""
    with TemporaryDirectory() as folder, chdir(folder):
        async with checked_sandbox() as sandbox, serve_web() as web:
            made = Place(Path(folder), sandbox, web)
            made.variables |= {"DISCORD_TOKEN": sandbox.token, "DISCORD_API_URL": sandbox.api_url}
            made.variables["STORYWIRE_TELEMETRY__PORT"] = str(_free_port())
            made.write_article("one")
            yield made


async def observe(fault: Fault) -> Observation:
    """Break something, and return what is said about it."""
    async with place() as broken:
        await _apply(fault.prepare, broken)
        broken.write("storywire.yaml", broken.settings)
        with _environment(broken.variables):
            # A check and a bot in one process would release each other's locks.
            if fault.disturb is None:
                check, log = await _check(broken), await _run(broken, fault)
            else:
                log, check = await _run(broken, fault), await _check(broken)
        check, log = ([_plain(line, broken) for line in lines] for lines in (check, log))
        return Observation(check, log, _plain(broken.ready, broken))


async def _apply(change: Change, broken: Place) -> None:
    done = change(broken)
    if done is not None:
        await done


async def _check(broken: Place) -> Sequence[str]:
    try:
        settings = load_settings()
    except SettingsError as error:
        return str(error).splitlines()
    results = run_checks(
        settings, online=True, request=True, clock=broken.clock, free_bytes=broken.free_bytes
    )
    return [
        line
        async for result in results
        if result.level is not Level.OK
        for line in plain_lines(result)
    ]


async def _run(broken: Place, fault: Fault) -> Sequence[str]:
    """Start the bot, and return the first line that it logs about the fault."""
    with redirect_stderr(StringIO()) as printed:
        try:
            settings, token = settings_and_token(None)
        except SystemExit:
            return printed.getvalue().splitlines()
    heard = _Heard(fault.logs or "")
    stop, progress = asyncio.Event(), Progress()
    with heard.listening():
        running = asyncio.create_task(run_bot(settings, token, broken.clock, stop, progress))
        try:
            async with asyncio.timeout(SECONDS):
                if fault.disturb is not None or fault.logs is None:
                    await progress.loaded.wait()
                    await broken.sandbox.bot_ready()
                if fault.disturb is not None:
                    await _settled(broken.database)
                    await _apply(fault.disturb, broken)
                if fault.logs is not None:
                    hearing = asyncio.ensure_future(heard.line.wait())
                    await asyncio.wait({running, hearing}, return_when=asyncio.FIRST_COMPLETED)
                    hearing.cancel()
                if not running.done():
                    with suppress(aiohttp.ClientError):  # it may just have ended
                        broken.ready = await _readiness(settings.telemetry.port, fault.unready)
            await _apply(fault.repair, broken)
            stop.set()
            await running
        except* StorywireError as errors:
            heard.lines.append(f"storywire: {_first(errors)}")
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError, StorywireError, BaseExceptionGroup):
                await running
    return heard.lines[:1]


async def _settled(database: Path) -> None:
    """Wait until the bot has written what a start writes: a commit in progress is another fault."""
    with closing(sqlite3.connect(database)) as connection:
        last = None
        while True:
            (version,) = connection.execute("PRAGMA data_version").fetchone()
            if version == last:
                return
            last = version
            await asyncio.sleep(0.3)


async def _readiness(port: int | None, unready: Sequence[str]) -> str:
    """What `/readyz` answers as soon as only these parts are not ok."""
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
                answer, status = await response.json(), response.status
            others = {
                name: part["text"]
                for name, part in answer["parts"].items()
                if part["state"] != "ok"
            }
            if set(others) == set(unready):
                texts = "; ".join(f"{name}: {text}" for name, text in others.items())
                return f"{status} {answer['state']}{f': {texts}' if texts else ''}"
            await asyncio.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Heard(logging.Handler):
    """What is logged with certain words; "" for warnings and errors."""

    def __init__(self, words: str) -> None:
        super().__init__(logging.INFO if words else logging.WARNING)
        self._words = words
        self.lines: list[str] = []
        self.line = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        message = record.getMessage()
        if self._words in message and not record.name.startswith("discord."):
            self.lines.append(f"{record.levelname} {redact(message)}")
            self.line.set()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen until the block ends."""
        logger = logging.getLogger()
        level = logger.level
        logger.setLevel(min(level, self.level))
        logger.addHandler(self)
        try:
            yield
        finally:
            logger.removeHandler(self)
            logger.setLevel(level)


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _first(errors: BaseException) -> BaseException:
    while isinstance(errors, BaseExceptionGroup):
        errors = errors.exceptions[0]
    return errors


def _plain(line: str, place: Place) -> str:
    """A line without what differs between runs."""
    line = line.replace(str(place.folder), "/opt/storywire")
    for pattern, shown in _VARYING.items():
        line = re.sub(pattern, shown, line)
    return line
