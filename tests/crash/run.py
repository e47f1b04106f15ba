"""Kill the bot repeatedly while it works, let it finish, and compare what the channels contain.

The sandbox runs in this process and survives; every run of the bot is a separate process.
"""

import asyncio
import multiprocessing
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from bot.announce.sender import MAX_IN_FLIGHT
from bot.sandbox import RateOptions, Reset, Sandbox, SandboxOptions, Status
from bot.sandbox.model.world import Event
from bot.sandbox.options import ADD_MESSAGE, START_THREAD
from bot.sandbox.rest.request_faults import Fault
from tests.crash.bot_process import BotRun, run_bot_process
from tests.crash.kill_points import (
    AFTER_LOST_ANSWER,
    CLAIMING,
    EDITING,
    KILL_POINTS,
    LOOKED_UP,
    PLANNING,
    POSTING,
    PUBLISHING,
    RECOVERING,
)
from tests.support.headlines import headline
from tests.support.places import (
    DISCUSS,
    EDIT_MESSAGE,
    KEPT_REQUESTS,
    MOST_PUBLISHED,
    PUBLISH,
    lost_responses,
)
from tests.support.subscribed_channels import (
    DiscussionTally,
    PublicationTally,
    SubscribedChannels,
    Tally,
)

# Observed in this process, because the killed process can't observe them.
COMMITTED, EDIT_COMMITTED, ANY_MOMENT = "committed", "edit committed", "any moment"
PUBLICATION_COMMITTED = "publication committed"
ALL_KILL_POINTS = (*KILL_POINTS, COMMITTED, EDIT_COMMITTED, PUBLICATION_COMMITTED, ANY_MOMENT)
# Discord's event for them is that for an edit; here, they have names of their own.
_PUBLISHED, _DISCUSSED = "a publication", "a discussion"
_KILLED_ON_EVENT = {
    COMMITTED: "MESSAGE_CREATE",
    EDIT_COMMITTED: "MESSAGE_UPDATE",
    PUBLICATION_COMMITTED: _PUBLISHED,
}
_AFTER_EDIT = {*EDITING, EDIT_COMMITTED}
_AFTER_PUBLICATION = {*PUBLISHING, PUBLICATION_COMMITTED}
_LEAVES_OUTCOME_UNKNOWN = {
    "claimed",
    "before the request",
    "answered",
    "settled, not committed",
    *AFTER_LOST_ANSWER,
}

# The request takes effect.
_LOST: tuple[Fault, ...] = (
    Reset(),
    Status(503, after_commit=True),
    Status(520, after_commit=True),
)
# The requests about a message that was sent.
_FOLLOW_UPS = (EDIT_MESSAGE, PUBLISH, DISCUSS)
# discord.py itself repeats these requests.
_RETRIED_BY_LIBRARY: tuple[Fault, ...] = (
    Status(502, after_commit=True),
    Reset(after_commit=False),
)

# A run that does not reach its kill point is killed after this many seconds.
KILL_AFTER_SECONDS = 10.0
MAX_FINISH_SECONDS = 240.0
# Longer than the bot relies on Discord to deduplicate by nonce.
TIME_BETWEEN_RUNS = timedelta(minutes=2)
# After it, as many messages may be published as at first.
PUBLICATION_PERIOD = timedelta(hours=1, minutes=2)
# Random moments are within the first seconds of a run: the bot starts in less than one.
_MAX_RANDOM_SECONDS = 1.2
# The probability that a run loses a response to a new message before it is killed, and another one.
LOST_ANSWER_PROBABILITY = 0.5


@dataclass(frozen=True, slots=True)
class CrashOptions:
    """The size of a test.

    Without `deduplicates_nonces`, Discord ignores nonces and time passes between the bot's runs, so
    that only the mark in the channels' history shows what was sent.
    """

    kills: int
    channels: int
    stories: int
    seed: int
    deduplicates_nonces: bool = True


@dataclass(frozen=True, slots=True)
class CrashReport:
    """The result; `kill_points` counts where the bot was killed.

    A run that is "late for" its kill point was killed after `KILL_AFTER_SECONDS`.
    """

    tally: Tally
    publications: PublicationTally
    discussions: DiscussionTally
    kills: int
    kill_points: Counter[str]
    answers_lost: Counter[str]
    seconds: float

    def __str__(self) -> str:
        tally = self.tally
        lost = ", ".join(f"{what} {count}" for what, count in sorted(self.answers_lost.items()))
        kill_points = ", ".join(
            f"{kill_point} {count}" for kill_point, count in sorted(self.kill_points.items())
        )
        return (
            f"{self.kills} kills, {self.answers_lost.total()} lost responses ({lost}),"
            f" {tally.messages} messages:"
            f" {tally.lost} lost, {tally.repeated} repeated, {tally.outdated} outdated;"
            f" {self.publications}; {self.discussions}; {self.seconds:.0f} s ({kill_points})"
        )


def unreached(reports: Iterable[CrashReport]) -> list[str]:
    """The kill points at which no bot was killed in any of these tests."""
    reached = set(_all_kill_points(reports))
    return [each for each in ALL_KILL_POINTS if each not in reached]


def _all_kill_points(reports: Iterable[CrashReport]) -> Iterator[str]:
    return (each for report in reports for each in report.kill_points.elements())


async def run_crash_test(
    options: CrashOptions,
    progress: Callable[[int], object] = lambda _: None,
    earlier: Iterable[CrashReport] = (),
) -> CrashReport:
    """Run one test; `progress` is called with the number of kills so far.

    Kill points that `earlier` tests reached more often are chosen less often.
    Raises RuntimeError if the bot exits without being killed, TimeoutError if it does not finish in
    the end.
    """
    window = timedelta(minutes=5) if options.deduplicates_nonces else timedelta()
    # Edits of published messages are not limited, or they would take days.
    limits = RateOptions({}, global_per_second=None, crossposted_edits_per_hour=None)
    sandbox = Sandbox(
        SandboxOptions(rates=limits, nonce_window=window, kept_requests=KEPT_REQUESTS)
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "articles"
        folder.mkdir()
        channels = SubscribedChannels(sandbox, folder, Path(name) / "storywire.db")
        async with sandbox.serve():
            await channels.create(options.channels)
            before = Counter(_all_kill_points(earlier))
            return await _CrashTest(options, channels, before).run(progress)


@dataclass
class _CrashTest:
    options: CrashOptions
    channels: SubscribedChannels
    killed_before: Counter[str]
    kill_points: Counter[str] = field(default_factory=Counter)
    clock_offset: timedelta = timedelta()
    last_kill_point: str = ""

    def __post_init__(self) -> None:
        self.random = random.Random(self.options.seed)  # noqa: S311 - a repeatable run
        self.sandbox = self.channels.sandbox
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["tests.crash.bot_process"])

    async def run(self, progress: Callable[[int], object]) -> CrashReport:
        started = time.perf_counter()
        options = self.options
        for number in range(options.kills):
            new_story = self._needs_new_story(number)
            if new_story:
                self._add_story()
            kill_point = self._next_kill_point(
                new_story=new_story, last_of_story=self._needs_new_story(number + 1)
            )
            if kill_point in _AFTER_EDIT and self._missing_messages:
                await self._finish()
            await self._run_until_killed(kill_point)
            progress(number + 1)
        while len(self.channels.titles) < options.stories:
            self._add_story()
        await self._finish()
        for _ in range(options.stories // MOST_PUBLISHED):
            self._skip(PUBLICATION_PERIOD)
            await self._finish()
        return CrashReport(
            self.channels.tally(),
            await self.channels.tally_publications(),
            await self.channels.tally_discussions(),
            self.kill_points.total(),
            self.kill_points,
            lost_responses(self.sandbox),
            time.perf_counter() - started,
        )

    def _needs_new_story(self, number: int) -> bool:
        """Whether the run with this number begins with a new story."""
        return number * self.options.stories >= len(self.channels.titles) * self.options.kills

    def _add_story(self) -> None:
        name = f"story{len(self.channels.titles)}"
        self.channels.write_story(name, headline(self.random), quality=self.random.randint(70, 120))

    @property
    def _missing_messages(self) -> int:
        """The number of messages that are still missing for the stories so far."""
        return (
            len(self.channels.channel_ids) * len(self.channels.titles)
            - self.channels.count_messages()
        )

    def _next_kill_point(self, *, new_story: bool, last_of_story: bool) -> str:
        """One of the kill points that this run can reach, and that were reached least often.

        Messages are only edited when all are sent. That takes long, except shortly before the next
        story.
        """
        possible = {ANY_MOMENT, "recovered"}
        if new_story:
            possible |= PLANNING.keys()
        if self._missing_messages:
            possible |= {*POSTING, *AFTER_LOST_ANSWER, COMMITTED}
        if self.channels.count_messages() and (
            last_of_story or self._missing_messages <= 2 * self._messages_per_run
        ):
            possible |= _AFTER_EDIT
        if self._publishable > MAX_IN_FLIGHT:
            possible |= _AFTER_PUBLICATION
        if self.last_kill_point in _LEAVES_OUTCOME_UNKNOWN and not self.options.deduplicates_nonces:
            possible.add(LOOKED_UP)
        kills = self.killed_before + self.kill_points
        least = min(kills[each] for each in possible)
        candidates = [each for each in ALL_KILL_POINTS if each in possible and kills[each] == least]
        # Few runs can reach it: a random choice between it and others may never choose it.
        return LOOKED_UP if LOOKED_UP in candidates else self.random.choice(candidates)

    @property
    def _publishable(self) -> int:
        """The number of messages that can be published in this run."""
        published = self.channels.publications.in_last_hour
        return sum(
            max(0, min(len(messages), MOST_PUBLISHED - published(channel_id)))
            for channel_id, messages in self.channels.unpublished().items()
        )

    @property
    def _messages_per_run(self) -> int:
        """The average number of messages that a run has to send."""
        options = self.options
        return max(1, options.channels * options.stories // options.kills)

    async def _run_until_killed(self, kill_point: str) -> None:
        """Run the bot until it is killed at a kill point."""
        editing = kill_point in _AFTER_EDIT
        if editing:
            name = self.random.choice(sorted(self.channels.titles))
            self.channels.write_story(name, headline(self.random))
        call = 1
        if kill_point not in PLANNING and kill_point not in RECOVERING:
            # Several messages are in flight at once: an earlier run may have made the last calls.
            if editing:
                expected = self.options.channels
            elif kill_point in _AFTER_PUBLICATION:
                expected = self._publishable
            else:
                expected = self._missing_messages
            max_call = expected - MAX_IN_FLIGHT
            call = self.random.randint(1, max(1, min(2 * self._messages_per_run, max_call)))
        if kill_point in {*CLAIMING, "publication claimed"}:
            # One claim takes as many posts as there are free slots.
            call = (call + MAX_IN_FLIGHT - 1) // MAX_IN_FLIGHT
        with self._watcher_for(kill_point, call) as own_kill_point:
            was_killed = await self._start_and_kill(
                own_kill_point, 1 if kill_point in AFTER_LOST_ANSWER else call, kill_point
            )
        self.last_kill_point = kill_point
        self.kill_points[kill_point if was_killed else f"late for {kill_point}"] += 1

    def _watcher_for(self, kill_point: str, call: int) -> "_EventWatcher":
        watcher = _EventWatcher(self, kill_point, call)
        if kill_point in AFTER_LOST_ANSWER:
            watcher.lose_answer_at = call
        elif self._may_lose_answer():
            watcher.lose_answer_at = self.random.randint(1, call)
        watcher.follow_ups_to_lose = [each for each in _FOLLOW_UPS if self._may_lose_answer()]
        return watcher

    def _may_lose_answer(self) -> bool:
        return self.random.random() < LOST_ANSWER_PROBABILITY

    async def _start_and_kill(self, kill_point: str | None, call: int, name: str) -> bool:
        """Start the bot; returns whether it was killed at the kill point or the chosen moment."""
        process = self.start(kill_point, call)
        seconds = KILL_AFTER_SECONDS
        if name == ANY_MOMENT:
            seconds = self.random.uniform(0, _MAX_RANDOM_SECONDS)
        try:
            in_time = await wait_for_exit(process, seconds)
        finally:
            process.kill()
            await wait_for_exit(process, KILL_AFTER_SECONDS)
        if process.exitcode != -signal.SIGKILL:
            raise RuntimeError(
                f"the bot exited with status {process.exitcode} instead of being killed"
            )
        return in_time or name == ANY_MOMENT

    def start(self, kill_point: str | None = None, call: int = 1) -> BaseProcess:
        """Start a bot process."""
        if not self.options.deduplicates_nonces:
            self._skip(TIME_BETWEEN_RUNS)
        channels, sandbox = self.channels, self.sandbox
        bot_run = BotRun(
            channels.folder,
            channels.database,
            sandbox.api_url,
            sandbox.token,
            self.clock_offset,
            kill_point,
            call,
        )
        self.process = self.context.Process(target=run_bot_process, args=(bot_run,))
        self.process.start()
        return self.process

    def _skip(self, time: timedelta) -> None:
        """Move the clocks of the next runs and of the sandbox forward."""
        self.clock_offset += time
        self.sandbox.faults.move_clock(time)

    async def _finish(self) -> None:
        """Let the bot finish its work, then stop it with SIGTERM."""
        gateway = self.sandbox.gateway
        before = gateway.identifies
        process = self.start()
        try:
            # A process that is still starting does not handle SIGTERM yet.
            await self.sandbox.wait_until(lambda: gateway.identifies > before, MAX_FINISH_SECONDS)
            async with asyncio.timeout(MAX_FINISH_SECONDS):
                while not await self._is_finished():
                    if await wait_for_exit(process, 0.2):
                        raise RuntimeError(
                            f"the bot exited with status {process.exitcode} before it was stopped"
                        )
            process.terminate()
            await wait_for_exit(process, KILL_AFTER_SECONDS)
        finally:
            process.kill()
            await wait_for_exit(process, KILL_AFTER_SECONDS)
        if process.exitcode != 0:
            raise RuntimeError(f"the bot exited with status {process.exitcode} on SIGTERM")

    async def _is_finished(self) -> bool:
        channels = self.channels
        return await channels.is_finished() and not await channels.has_due_follow_ups()


class _EventWatcher:
    """Observes what the sandbox commits during one run, and acts at that moment."""

    def __init__(self, run: _CrashTest, kill_point: str, call: int) -> None:
        self._run = run
        self._kill_point = kill_point
        self._call = call
        self._seen = Counter[str]()
        self.lose_answer_at: int | None = None
        self.follow_ups_to_lose: Sequence[str] = ()

    def __enter__(self) -> str | None:
        """Return the kill point that the bot process itself handles."""
        for route in self.follow_ups_to_lose:
            fault = self._run.random.choice([*_LOST, *_RETRIED_BY_LIBRARY])
            self._run.sandbox.faults.plan(fault, route=route)
        self._lose_answer_if_due()
        self._run.sandbox.world.on_event(self._on_event)
        return self._kill_point if self._kill_point in KILL_POINTS else None

    def __exit__(self, *_: object) -> None:
        self._run.sandbox.world.remove_listener(self._on_event)
        self._run.sandbox.faults.clear()

    def _on_event(self, event: Event) -> None:
        is_publication = event is self._run.channels.publications.latest
        name = _PUBLISHED if is_publication else event.name
        if name == "MESSAGE_UPDATE" and event.message and event.message.edited_timestamp is None:
            # A thread was opened under it.
            name = _DISCUSSED
        self._seen[name] += 1
        if name == _KILLED_ON_EVENT.get(self._kill_point) and self._seen[name] == self._call:
            self._run.process.kill()
        self._lose_answer_if_due()

    def _lose_answer_if_due(self) -> None:
        """Lose the response to the next message when its turn has come."""
        run = self._run
        if self.lose_answer_at is None or self._seen["MESSAGE_CREATE"] + 1 < self.lose_answer_at:
            return
        self.lose_answer_at = None
        faults: list[Fault] = [*_LOST]
        routes: Sequence[str] = ADD_MESSAGE
        if self._kill_point not in AFTER_LOST_ANSWER:
            if not run.options.deduplicates_nonces:
                # The bot would rely on the nonce of a message.
                routes = (START_THREAD,)
            faults += _RETRIED_BY_LIBRARY
        run.sandbox.faults.plan(run.random.choice(faults), route=routes)


async def wait_for_exit(process: BaseProcess, seconds: float) -> bool:
    """Wait for a process to exit, at most `seconds`; returns whether it exited."""
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_reader(process.sentinel, ended.set)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await ended.wait()
    finally:
        loop.remove_reader(process.sentinel)
    if ended.is_set():
        process.join()
    return ended.is_set()
