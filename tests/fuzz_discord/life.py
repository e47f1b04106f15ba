"""One life of a bot: a world and a database, some runs of the program, and a check at the end."""

import asyncio
import random
import re
import signal
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.sandbox import RateOptions, Sandbox, SandboxOptions
from bot.sandbox.model.entities import ChannelType, Guild, Role
from storage.models import DeliveryOptions, Mention, NewSubscription, StoryQuery, SubscriptionSpec
from storage.open import open_store
from tests.fuzz_discord.bot_process import BotProcess
from tests.fuzz_discord.coverage import RESPONSES, Coverage, Input
from tests.fuzz_discord.events import SKIP, Events
from tests.fuzz_discord.people import INTERRUPTIONS, People
from tests.fuzz_discord.spoils import Spoils
from tests.support.headlines import headline
from tests.support.outbox import add_subscription
from tests.support.places import Place, messages_in, story_in, threads_of
from tests.support.subscribed_channels import UNFINISHED, SubscribedChannels, Tally

MAX_RECOVERY_SECONDS = 90.0
_HEARTBEAT = timedelta(seconds=4)
_RESPONSE_TIME = timedelta(seconds=2)
# Far above the bot's pace: responses have the headers of a limit, but only publishing is limited.
_LIMITS = RateOptions(
    dict.fromkeys(RESPONSES, (1_000, 1.0)), global_per_second=None, crossposted_edits_per_hour=None
)
_ONLINE_SECONDS = 6.0
_ON_THE_WAY_SECONDS = 0.5
_MAX_CONVERSATIONS = 12
_SECONDS_BETWEEN_EVENTS = 0.06
_CONVERSATION_CHANCE = 0.5
# Some fields are the result of one conversation only.
_RARE_CHANCE = 0.3
_CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
_LOG_LINE = re.compile(r"\d{4}-\d\d-\d\d ")


@dataclass
class Failure:
    """What must not happen; `key` is the same for failures that have the same cause."""

    kind: str
    key: str
    bot: str
    inputs: list[str]
    log: list[str]
    count: int = 1


@dataclass
class LifeReport:
    """What happened in a life."""

    failures: list[Failure] = field(default_factory=list)
    runs: int = 0
    kills: int = 0
    restarts: int = 0
    process_ends: int = 0
    tracebacks: int = 0
    stories: int = 0
    tally: Tally = field(default_factory=lambda: Tally(0, 0, 0, 0))
    unreadable_channels: int = 0
    conversations: int = 0
    interrupted: int = 0
    recovery_seconds: float = 0.0


@dataclass(frozen=True)
class LifeOptions:
    """How long the program runs, and how often; `only` is an input to replay."""

    name: str
    seconds: float
    runs: int
    withdrawn: str = "strike"
    kinds: tuple[str, ...] = ()
    only: Input | None = None


async def live(options: LifeOptions, coverage: Coverage) -> LifeReport:
    """Live one life, and check it at the end."""
    sandbox = Sandbox(
        SandboxOptions(rates=_LIMITS, heartbeat=_HEARTBEAT, response_time=_RESPONSE_TIME)
    )
    with tempfile.TemporaryDirectory(prefix="storywire-fuzz-") as name:
        folder = Path(name) / "articles"
        folder.mkdir()
        channels = SubscribedChannels(sandbox, folder, Path(name) / "storywire.db")
        async with sandbox.serve():
            return await _Life(options, coverage, channels).run()


class _PostsInAnyForm(SubscribedChannels):
    """Counts plain text, too: what remains of a message if an answer does not say what is wrong."""

    def posted_stories(self, channel_id: int) -> list[tuple[str, str]]:
        """See `SubscribedChannels`; plain text counts as up to date."""
        found = [
            re.search(r"https://news[.]example/(\w+)", message.content)
            for message in messages_in(self.sandbox.world, channel_id)
            if not message.embeds and story_in(message) is None
        ]
        names = [each[1] for each in found if each is not None]
        plain = [(name, self.titles.get(name, "")) for name in names]
        return [*super().posted_stories(channel_id), *plain]

    def spare_threads(self, channel_id: int, posted: Sequence[object]) -> int:
        """See `SubscribedChannels`; a story that was withdrawn leaves its thread."""
        del channel_id, posted
        return 0


class _Life:
    def __init__(
        self, options: LifeOptions, coverage: Coverage, channels: SubscribedChannels
    ) -> None:
        self.options = options
        self.channels = channels
        self.random = random.Random(coverage.random.random())  # noqa: S311 - a repeatable run
        self.sandbox = channels.sandbox
        self.report = LifeReport()
        self.spoils = Spoils(coverage, options.name, options.kinds, options.only)
        self.bot = BotProcess(
            self.sandbox, channels.folder, channels.database, options.withdrawn, self._on_line
        )
        self._traceback: Failure | None = None
        self._identifies = 0
        self._conversations: set[asyncio.Task[None]] = set()

    async def run(self) -> LifeReport:
        """Run the program, restart it, and let it recover."""
        events, people = await self._populate()
        try:
            self._spoil(True)
            for number in range(self.options.runs):
                await self._start()
                await self._use(events, people)
                await self._finish_conversations()
                if number + 1 < self.options.runs:
                    await self._interrupt()
            self._spoil(False)
            events.settle()
            await self._check_recovery(events, people)
        finally:
            await self.bot.kill()
            for task in self._conversations:
                task.cancel()
            await asyncio.gather(*self._conversations, return_exceptions=True)
        self._end_traceback()
        self.report.runs = self.bot.runs
        self.report.stories = len(self.channels.titles)
        self.report.unreadable_channels = sum(map(self._is_unreadable, self.channels.channel_ids))
        if self.sandbox.failures or self.sandbox.unknown_routes:
            self._fail("sandbox", str([*self.sandbox.failures, *self.sandbox.unknown_routes][:3]))
        return self.report

    # The world

    async def _populate(self) -> tuple[Events, People]:
        channels, world = self.channels, self.sandbox.world
        await channels.create(2 * len(Place))
        server = world.guild(world.channel(channels.channel_ids[0]).guild_id or 0)
        role = world.add_role(server.id, "Fans")
        gone = world.add_role(server.id, "gone")
        world.delete_role(server.id, gone.id)
        threads = [each for each in channels.channel_ids if world.channels[each].is_thread]
        playground = world.guild(world.find_channel("news").guild_id or 0)
        owner = world.find_user("Ada").id
        async with open_store(channels.database) as store:

            async def subscribe(guild: Guild, channel_id: int, mention: Role | None = None) -> None:
                delivery = DeliveryOptions(mention=Mention(mention.id) if mention else None)
                spec = SubscriptionSpec(channel_id, delivery=delivery)
                await add_subscription(
                    store, NewSubscription(guild.id, owner, self.sandbox.clock(), spec)
                )

            for mention in (role, gone):
                channel = world.add_channel(server.id, f"mentions-{mention.name.lower()}")
                channels.channel_ids.append(channel.id)
                await subscribe(server, channel.id, mention)
            for name in ("news", "ai", "general"):
                await subscribe(playground, world.find_channel(name, playground.id).id)
        for number in range(2):
            channels.write_story(f"first{number}", headline(self.random))
        needs = self.spoils.coverage.needs
        events = Events(channels, self.bot, self.random, playground, threads, role, needs)
        return events, People(self.sandbox, self.random, playground.id)

    def _spoil(self, enabled: bool) -> None:
        self.sandbox.faults.clear()
        self.spoils.enabled = enabled
        if enabled:
            self.sandbox.faults.spoil(self.spoils.frame, times=None)
            self.sandbox.faults.spoil_responses(self.spoils.response)

    # Using the bot

    async def _use(self, events: Events, people: People) -> None:
        """Let things happen until the time of this run is over, or the process ends."""
        loop = asyncio.get_running_loop()
        await self._wait(self._is_online, _ONLINE_SECONDS)
        until = loop.time() + self.options.seconds
        while loop.time() < until:
            if self.bot.status is not None:
                await self._start_again()
                await self._wait(self._is_online, _ONLINE_SECONDS)
            if self.random.random() >= _CONVERSATION_CHANCE:
                events.happen()
            elif self._is_online() and len(self._conversations) < _MAX_CONVERSATIONS:
                self._converse(people)
            await asyncio.sleep(self.random.expovariate(1 / _SECONDS_BETWEEN_EVENTS))

    def _is_online(self) -> bool:
        return self.sandbox.gateway.sessions.online

    async def _start_again(self) -> None:
        """Report that the program ended by itself, and start it again."""
        await self._report_end()
        await self._start()

    async def _start(self) -> None:
        self._identifies = self.sandbox.gateway.identifies
        self.spoils.start()
        await self.bot.start()

    def _converse(self, people: People) -> None:
        conversation = self.random.choice(people.conversations)
        if self.random.random() < _RARE_CHANCE:
            coverage = self.spoils.coverage
            rare = [
                (
                    people.export_and_import,
                    coverage.needs("POST /webhooks/{webhook_id}/{webhook_token}"),
                ),
                (people.submit_late, coverage.needs(_CALLBACK, "triggering")),
                (
                    people.ask_about_thread,
                    coverage.needs("INTERACTION_CREATE", "resolved.channels"),
                ),
            ]
            conversation = self.random.choice(
                [each for each, is_needed in rare if is_needed] or [conversation]
            )

        async def converse() -> None:
            self.report.conversations += 1
            try:
                await conversation()
            except INTERRUPTIONS:
                self.report.interrupted += 1

        task = asyncio.create_task(converse())
        self._conversations.add(task)
        task.add_done_callback(self._conversations.discard)

    async def _finish_conversations(self) -> None:
        if self._conversations:
            await asyncio.wait(self._conversations, timeout=2)

    async def _interrupt(self) -> None:
        """End this run: the program is stopped or killed."""
        if self.bot.status is not None:
            await self._report_end()
        elif self.random.random() < 0.5:
            self.report.kills += 1
            await self.bot.kill()
        else:
            self.report.restarts += 1
            await self._stop()
        if self.random.random() < 0.5:
            self.bot.skip(SKIP)
        await self._forget_commands()

    async def _forget_commands(self) -> None:
        """Let the next run register its commands again, as after an update."""
        name = f"commands:{self.sandbox.world.bot.id}:{self.sandbox.api_url}"
        async with open_store(self.channels.database) as store:
            await store.set_value(name, "")

    async def _stop(self) -> None:
        was_online = self.sandbox.gateway.identifies > self._identifies
        status = await self.bot.stop()
        if status is None:
            self._fail("stop", "the process does not end after SIGTERM")
        elif status != 0 and self._traceback is not None:
            # It was just ending by itself.
            await self._report_end()
        elif status != 0 and (status != -signal.SIGTERM or was_online):
            # A process that is still starting does not handle SIGTERM yet.
            self._fail("stop", f"status {status} after SIGTERM")

    # The end

    async def _check_recovery(self, events: Events, people: People) -> None:
        """Check that everything works when nothing is spoiled any more."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        gateway, before = self.sandbox.gateway, self.sandbox.gateway.identifies
        # What was spoiled is still on its way.
        await asyncio.sleep(_ON_THE_WAY_SECONDS)
        self.sandbox.faults.lose_sessions()

        def is_back() -> bool:
            return gateway.identifies > before and self._is_online()

        if not await self._wait(is_back, MAX_RECOVERY_SECONDS, restart=True):
            self._fail("recovery", "the bot is not online again")
        elif not await self._wait(lambda: bool(self.sandbox.world.commands), MAX_RECOVERY_SECONDS):
            self._fail("recovery", "the commands are not registered")
        elif not await self._is_answered(people):
            self._fail("recovery", "a command is not answered")
        await self._check_stories(events.write_story())
        self.report.recovery_seconds = loop.time() - started
        if self.bot.status is None:
            await self._stop()
        else:
            await self._report_end()

    async def _is_answered(self, people: People) -> bool:
        for _ in range(5):
            try:
                await people.ask_latest()
            except INTERRUPTIONS:
                continue
            return True
        return False

    async def _check_stories(self, latest: str) -> None:
        """Wait until nothing is left to do, then count; the latest story is in every channel."""
        loop = asyncio.get_running_loop()
        until = loop.time() + MAX_RECOVERY_SECONDS
        while (waiting := await self._unfinished()) and loop.time() < until:
            if self.bot.status is not None:
                await self._start_again()
            await asyncio.sleep(0.5)
            # Waits after failures are long; spoiled bots have had many.
            self.bot.skip(timedelta(seconds=5))
        if waiting:
            self._fail("recovery", "stories are not posted", detail=waiting)
            return
        every = _PostsInAnyForm(
            self.sandbox,
            self.channels.folder,
            self.channels.database,
            self.channels.channel_ids,
            self.channels.titles,
        )
        for channel_id in every.channel_ids:
            if latest not in dict(every.posted_stories(channel_id)):
                self._fail("recovery", "a new story is not posted in a channel")
                break
        intact = _PostsInAnyForm(
            self.sandbox,
            self.channels.folder,
            self.channels.database,
            [each for each in self.channels.channel_ids if not self._is_unreadable(each)],
            self.channels.titles,
        )
        self.report.tally = tally = intact.tally()
        if tally.lost or tally.repeated:
            self._fail("stories", f"{tally.lost} lost, {tally.repeated} repeated")

    def _is_unreadable(self, channel_id: int) -> bool:
        """Whether a response that shows which stories a channel has was spoiled."""
        world = self.sandbox.world
        channel = world.channel(channel_id)
        shown_by = {channel_id}
        if channel.type is ChannelType.FORUM:
            shown_by |= {channel.guild_id or 0, *threads_of(world, channel)}
        return not self.spoils.unreadable.isdisjoint(shown_by)

    async def _unfinished(self) -> list[str]:
        """What the bot has not done yet in the channels."""
        channels = self.channels
        async with open_store(channels.database) as store:
            posts = await store.list_posts(UNFINISHED, 1_000)
            planned = await store.planner_snapshot(1)
            known = {
                story.article.title
                for story in (await store.find_stories(StoryQuery(limit=1_000))).stories
            }
        unread = set(channels.titles.values()) - known
        waiting = [
            f"story {each.post.story_id} in {each.post.channel_id}: {each.post.status}"
            f" {each.post.reason}"
            for each in posts
            if each.post.channel_id in channels.channel_ids
        ]
        return [
            *(f"not read: {title}" for title in sorted(unread)),
            *(["not planned"] if planned.stories else []),
            *waiting,
        ]

    async def _wait(
        self, condition: Callable[[], bool], seconds: float, *, restart: bool = False
    ) -> bool:
        """Wait for something; a process that has ended is restarted, or ends the wait."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while not condition():
            if self.bot.status is not None and restart:
                await self._start_again()
            elif loop.time() > until or self.bot.status is not None:
                return condition()
            await asyncio.sleep(0.05)
        return True

    # Failures

    async def _report_end(self) -> None:
        """Report that the program ended by itself."""
        await self.bot.finish_reading()
        traceback = self._traceback
        self._end_traceback(kind="process end")
        self.report.process_ends += 1
        if traceback is None:
            last = self.bot.log[-1] if self.bot.log else ""
            self._fail("process end", f"status {self.bot.status}: {last}")

    def _on_line(self, line: str) -> None:
        if "Traceback (most recent call last)" in line and self._traceback is None:
            self.report.tracebacks += 1
            self._traceback = Failure(
                "traceback", "", self.options.name, list(self.spoils.latest), []
            )
        if self._traceback is not None:
            if _LOG_LINE.match(line):
                self._end_traceback()
            else:
                self._traceback.log.append(line)

    def _end_traceback(self, kind: str = "traceback") -> None:
        found, self._traceback = self._traceback, None
        if found is not None:
            lines = [_short(each) for each in found.log]
            places = [each for each in lines if each.startswith("File ") and "asyncio" not in each]
            errors = [each for each in lines if re.match(r"[\w.]*[A-Z]\w+(: |$)", each)]
            found.kind = kind
            own = [each for each in places if each.startswith('File "bot/')]
            found.key = " / ".join([*errors[-1:], *places[-1:], *own[-1:]])
            found.log = [each for each in lines if each.strip("^~ +-")]
            self.report.failures.append(found)

    def _fail(self, kind: str, key: str, detail: list[str] | None = None) -> None:
        log = [*(detail or [])[:10], *list(self.bot.log)[-25:]]
        self.report.failures.append(
            Failure(kind, key, self.options.name, list(self.spoils.latest), log)
        )


def _short(line: str) -> str:
    """A line of a traceback without the frame of its group, and without the machine's folders."""
    stripped = line.lstrip(" |")
    return re.sub(
        r'File ".*/(site-packages|lib/python3[.]\d+|(?=bot/|storage/))', 'File "', stripped
    )
