"""How long one member's requests delay another's, and the bot's event loop."""

import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from bot.clock import SystemClock
from bot.sandbox import InteractionFailedError, Sandbox, SandboxOptions, UploadedFile
from bot.sandbox.errors import PersonError
from bot.sandbox.interactions.interaction import InteractionType
from bot.sandbox.model.components import all_components
from bot.sandbox.model.entities import Message
from bot.sandbox.model.permissions import ALL_PERMISSIONS
from storage.models import NewSubscription, Rules, SubscriptionSpec
from storage.open import open_store
from tests.bench.articles import store_articles, write_articles
from tests.bench.figures import Figure, percentile
from tests.bench.processes import running
from tests.bench.responsiveness_process import SLOW_SECONDS
from tests.support.database import execute
from tests.support.desk import Desk, button_id
from tests.support.headlines import headline
from tests.support.outbox import add_subscription

STORIES, FILES = 100_000, 20_000
CHANNELS, SUBSCRIPTIONS_PER_CHANNEL = 20, 2
ALONE_SECONDS, TOGETHER_SECONDS = 10.0, 60.0
ADMINS = 12
LOOKUPS_PER_SECOND = 2
NEW_STORIES_PER_SECOND = 3

# Letters, words that are in nearly every story, names, and what means something to FTS5.
QUERIES = (
    *("a", "e", "t", "the", "of the to in a", "says", "ibm", "facial recognition", "x" * 50),
    *(
        "*",
        '"',
        "a*",
        "NEAR(a b)",
        "title : x",
        "a OR b",
        "^the",
        "-the",
        "the " * 12,
        "中",
        "2026",
    ),
)
# Many wrong entries, lists in lists, aliases, and names.
FILES_TO_IMPORT = (
    "subscriptions:\n" + "- {channel: 1, timezone: Xx, at: 99, kinds: [x], best: 0}\n" * 1100,
    "subscriptions:\n" + "- x\n" * 16_000,
    "subscriptions: " + "[" * 30_000,
    "a: &a [x]\n" + "subscriptions: [" + "*a," * 20_000 + "]",
    "subscriptions:\n- channel: news\n  words: [" + "x," * 30_000 + "]",
)
TYPED = (
    "artificial intelligence",
    "Topic 17",
    "the harbour",
    "zzzzzz",
    "São Paulo",
    "ist",
    "utc+2",
)
PLACES = ("Wien", "Indianapolis", "Deutschland", "東京", "EST", "utc+5:30", "nowhere at all")


async def measure_responsiveness() -> Sequence[Figure]:
    """Let members do whatever is expensive while sources are read and stories are announced."""
    with tempfile.TemporaryDirectory() as name:
        sandbox = Sandbox(SandboxOptions(rates=None))
        folder, report = Path(name) / "articles", Path(name) / "report.json"
        desk = Desk(sandbox, folder, Path(name) / "a.db", {"max_per_hour": None})
        async with open_store(desk.database) as store:
            await store_articles(store, STORIES)
        folder.mkdir()
        # They are moved into the folder later.
        files = Path(name) / "files"
        await asyncio.to_thread(write_articles, files, FILES)
        async with sandbox.serve():
            await _subscribe(desk)
            config = Path(name) / "a.yaml"
            config.write_text(_settings(desk))
            variables = {"DISCORD_API_URL": sandbox.api_url, "DISCORD_TOKEN": sandbox.token}
            arguments = ("tests.bench.responsiveness_process", str(config), str(report))
            async with running(*arguments, variables=variables):
                await sandbox.bot_ready()
                await sandbox.wait_until(lambda: sandbox.world.commands)
                members = Members(desk)
                alone = await members.look_up(ALONE_SECONDS)
                files.replace(folder / "files")
                together = await members.hammer(TOGETHER_SECONDS)
        times = json.loads(report.read_text())
    return _figures(times, alone, together, members.answered)


async def _subscribe(desk: Desk) -> None:
    """Subscribe some channels of the sandbox's server twice; no post waits."""
    world, now = desk.sandbox.world, SystemClock().now()
    ada, server = world.find_user("Ada").id, desk.channel().guild_id
    assert server is not None
    role = world.add_role(server, "Admins", ALL_PERMISSIONS)
    for number in range(ADMINS):
        admin = world.add_user(f"admin-{number}", global_name=f"Admin {number}")
        world.add_member(server, admin.id)
        world.set_member_roles(server, admin.id, [role.id])
    async with open_store(desk.database) as store:
        for number in range(CHANNELS):
            channel = world.add_channel(server, f"channel-{number}").id
            for each in range(SUBSCRIPTIONS_PER_CHANNEL):
                rules = Rules(topics=(f"Topic {number}",) if each else ())
                new = NewSubscription(server, ada, now, SubscriptionSpec(channel, rules))
                await add_subscription(store, new)
    execute(
        desk.database,
        "UPDATE settings SET value = (SELECT max(revision) FROM articles)"
        " WHERE name = 'planner_cursor'",
    )


def _settings(desk: Desk) -> str:
    sources = [{"folder": str(desk.folder)}]
    announce = {"max_per_hour": None}
    return json.dumps({"database": str(desk.database), "sources": sources, "announce": announce})


@dataclass
class Members:
    """Admins do what is expensive, all at once; Max looks up the news."""

    desk: Desk
    answered: Counter[str] = field(default_factory=Counter)

    async def look_up(self, seconds: float) -> list[float]:
        """Let Max look up the news at an even rate; returns the seconds that each answer took."""
        waits: list[float] = []
        end = time.perf_counter() + seconds
        while (started := time.perf_counter()) < end:
            with suppress(InteractionFailedError):  # after three seconds
                await self.desk.ask("news latest", person="Max", channel="general")
            waits.append(time.perf_counter() - started)
            await asyncio.sleep(max(0.0, 1 / LOOKUPS_PER_SECOND - waits[-1]))
        return waits

    async def hammer(self, seconds: float) -> list[float]:
        """The same while everybody else does everything else, and stories arrive."""
        looking_up = asyncio.create_task(self.look_up(seconds))
        others = [
            asyncio.create_task(Admin(self.desk, f"Admin {each}", self.answered).do_everything())
            for each in range(ADMINS)
        ]
        others.append(asyncio.create_task(self._write_stories()))
        try:
            return await looking_up
        finally:
            for each in others:
                each.cancel()
            for result in await asyncio.gather(*others, return_exceptions=True):
                if isinstance(result, Exception):
                    raise result

    async def _write_stories(self) -> None:
        chance = Random(7)  # noqa: S311 - need not be secret
        for number in count():
            await asyncio.to_thread(self.desk.write, f"new{number}", title=headline(chance))
            await asyncio.sleep(1 / NEW_STORIES_PER_SECOND)


class Admin:
    """Does what is expensive, in random order. Each has limits of their own."""

    def __init__(self, desk: Desk, name: str, answered: Counter[str]) -> None:
        self.desk = desk
        self.answered = answered
        self._person = desk.sandbox.person(name)
        self._chance = Random(name)  # noqa: S311 - need not be secret

    async def do_everything(self) -> None:
        actions: Sequence[Callable[[], Awaitable[None]]] = (
            self._turn_pages,
            self._search,
            self._look_up_topics,
            self._type,
            self._report,
            self._edit,
            self._import,
        )
        while True:
            for each in self._chance.sample(actions, len(actions)):
                try:
                    await each()
                    self.answered[each.__name__] += 1
                except (InteractionFailedError, PersonError):
                    # Refused because of the member's limit, or too late.
                    self.answered[f"{each.__name__} failed"] += 1

    async def _ask(self, path: str, **options: object) -> Message:
        asked = await self._person.command(self.desk.channel().id, path, options)
        return await asked.settled()

    async def _press(self, message: Message, label: str) -> Message:
        """Press a button. A refusal has none."""
        if not any(each.get("label") == label for each in all_components(message.components)):
            return message
        pressed = await self._person.press(message.id, button_id(message, label))
        return await pressed.settled()

    async def _turn_pages(self) -> None:
        message = await self._ask("news latest", **self._chance.choice(({}, {"topic": "AI"})))
        for label in ("Last", "Previous", "First", "Next"):
            message = await self._press(message, label)
        await self._ask("news topics")
        # Any number of a page can be sent.
        await self._forge("news:nl:99999:::e:", message.id)

    async def _search(self) -> None:
        message = await self._ask("news search", query=self._chance.choice(QUERIES))
        if message.components:
            await self._press(message, "Last")
        await self._ask("news top", period="ever")
        await self._ask("news story", story=self._chance.choice(QUERIES))

    async def _look_up_topics(self) -> None:
        for topic in ("AI", "Topic 17", "no such topic at all"):
            await self._ask("news topic", topic=topic)
        await self._ask("subscriptions preview", subscription="1")

    async def _type(self) -> None:
        """Type each option that is completed, letter by letter."""
        typed = self._chance.choice(TYPED)
        for path, option, text in (
            ("news search", "topic", typed),
            ("news story", "story", typed),
            ("subscriptions add", "topics", f"AI, {typed}"),
            ("subscriptions add", "timezone", self._chance.choice(PLACES)),
            ("subscriptions why", "story", typed),
            ("subscriptions edit", "subscription", typed),
        ):
            for length in range(len(text) + 1):
                others = {"query": "x"} if path == "news search" else {}
                await self._person.autocomplete(
                    self.desk.channel().id, path, option, text[:length], others
                )

    async def _report(self) -> None:
        await self._ask("subscriptions list")
        await self._ask("subscriptions status")
        await self._ask("subscriptions export")
        await self._ask("subscriptions why", story=self._chance.choice(QUERIES))

    async def _edit(self) -> None:
        """Open the editor, which estimates, and change what the estimate depends on."""
        message = await self._ask("subscriptions add")
        for field_name, value in (("topics", "AI"), ("bar", "0"), ("bar", "100")):
            for each in all_components(message.components):
                if str(each.get("custom_id")).endswith(f":{field_name}"):
                    used = await self._person.select(message.id, each["custom_id"], [value])
                    message = await used.settled()
                    break
        await self._press(message, "Cancel")
        place = self._chance.choice(PLACES)
        await self._ask("subscriptions add", topics="A topic of no story", timezone=place)
        await self._ask("subscriptions add", timezone=place, min_quality=2000 - 1001)

    async def _import(self) -> None:
        for text in FILES_TO_IMPORT:
            file = UploadedFile("a.yaml", "application/yaml", text.encode())
            await self._ask("subscriptions import", file=file)

    async def _forge(self, custom_id: str, message_id: int) -> None:
        data = {"custom_id": custom_id, "component_type": 2, "id": 1}
        channel = self.desk.channel().id
        forged = await self._person.forge(channel, InteractionType.COMPONENT, data, message_id)
        await forged.settled()


def _figures(
    times: Mapping[str, Any],
    alone: Sequence[float],
    together: Sequence[float],
    answered: Mapping[str, int],
) -> Sequence[Figure]:
    for each in sorted(times["slow"], key=lambda slow: -slow["seconds"])[:20]:
        sys.stderr.write(
            f"{each['seconds'] * 1000:.0f} ms ({each['processor_seconds'] * 1000:.0f} ms of CPU"
            f" time): {' < '.join(each['where']) or each['what']}\n"
        )
    done = ", ".join(f"{count} {name.strip('_')}" for name, count in sorted(answered.items()))
    collection = times["longest_collection"] * 1000
    sys.stderr.write(f"done: {done}; longest garbage collection: {collection:.0f} ms of CPU time\n")
    slow = times["slow"]
    computed = sum(each["processor_seconds"] >= SLOW_SECONDS for each in slow)
    before, meanwhile = percentile(alone, 0.5), percentile(together, 0.5)
    limit = f"{SLOW_SECONDS * 1000:.0f} ms"
    return [
        Figure(
            f"the longest of {times['callbacks']:,} callbacks of the event loop, {STORIES:,}"
            f" articles, {ADMINS} members doing whatever is expensive",
            f"{times['longest_processor'] * 1000:.0f} ms of CPU time ({computed} over {limit});"
            f" {times['longest'] * 1000:.0f} ms by the clock ({len(slow)} over {limit})",
            f"< {limit}",
        ),
        Figure(
            "another member's `/news latest` meanwhile, compared with before",
            f"{meanwhile / before:.1f} x (p50 {meanwhile * 1000:.0f} ms, before"
            f" {before * 1000:.0f} ms; p99 {percentile(together, 0.99) * 1000:.0f} ms)",
            "p99 < 1000 ms",
        ),
    ]
