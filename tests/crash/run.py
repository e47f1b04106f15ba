"""Kill the bot again and again while it works, let it finish, and count what arrived.

The sandbox lives in this process and survives; every life of the bot is a process of its own.
"""

import asyncio
import multiprocessing
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from bot.announce.sender import MAX_IN_FLIGHT
from bot.sandbox import Reset, Sandbox, SandboxOptions, Status
from bot.sandbox.model.world import Event
from bot.sandbox.options import SEND_MESSAGE
from bot.sandbox.rest.request_faults import Fault
from tests.crash.bot import Life, live
from tests.crash.steps import CLAIMING, EDITING, LOSING, PLANNING, POSTING, RECOVERING, STEPS
from tests.crash.town import Tally, Town
from tests.support.headlines import headline

# Seen from here, because the process that dies knows nothing of them.
COMMITTED, EDIT_COMMITTED, ANY_MOMENT = "committed", "edit committed", "any moment"
ALL_STEPS = (*STEPS, COMMITTED, EDIT_COMMITTED, ANY_MOMENT)
_SEEN_FROM_HERE = {COMMITTED: "MESSAGE_CREATE", EDIT_COMMITTED: "MESSAGE_UPDATE"}
_LEAVES_UNKNOWN = {"claimed", "before the request", "answered", "settled, not committed", *LOSING}

# A life whose step does not come is ended after this many seconds, whatever it does then.
LONGEST_LIFE = 10.0
LONGEST_FINISH = 240.0
# Longer than the bot relies on Discord to fold a nonce.
PAST_THE_WINDOW = timedelta(minutes=2)
# The moments that are random lie in a life's first seconds: the bot starts in less than one.
_ANY_MOMENT_SECONDS = 1.2
# In how many lives an answer is lost on the way without killing anybody.
LOSSES = 0.5


@dataclass(frozen=True, slots=True)
class CrashOptions:
    """How large a run is.

    Without `folding` no nonce is ever folded and time passes between lives, so that only the mark
    in the channels' history tells what was sent.
    """

    kills: int
    channels: int
    stories: int
    seed: int
    folding: bool = True


@dataclass(frozen=True, slots=True)
class CrashReport:
    """What came of it; `steps` says how often the bot died where.

    Whoever was late did not come to its step and was killed after `LONGEST_LIFE`.
    """

    tally: Tally
    kills: int
    steps: Counter[str]
    answers_lost: int
    seconds: float

    def __str__(self) -> str:
        tally = self.tally
        steps = ", ".join(f"{step} {count}" for step, count in sorted(self.steps.items()))
        return (
            f"{self.kills} kills, {self.answers_lost} answers lost, {tally.messages} messages,"
            f" {tally.lost} lost, {tally.repeated} repeated, {tally.outdated} outdated,"
            f" {self.seconds:.0f} s ({steps})"
        )


async def crash(
    options: CrashOptions, progress: Callable[[int], object] = lambda _: None
) -> CrashReport:
    """One run; `progress` hears the number of kills so far.

    Raises RuntimeError if the bot ends otherwise than by being killed, TimeoutError if it does not
    finish in the end.
    """
    window = timedelta(minutes=5) if options.folding else timedelta()
    sandbox = Sandbox(SandboxOptions(rates=None, nonce_window=window))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "articles"
        folder.mkdir()
        town = Town(sandbox, folder, Path(name) / "storywire.db")
        async with sandbox.serve():
            await town.found(options.channels)
            return await _Run(options, town).run(progress)


@dataclass
class _Run:
    options: CrashOptions
    town: Town
    steps: Counter[str] = field(default_factory=Counter)
    answers_lost: int = 0
    ahead: timedelta = timedelta()
    deck: list[str] = field(default_factory=list)
    last_step: str = ""

    def __post_init__(self) -> None:
        self.random = random.Random(self.options.seed)  # noqa: S311 - a repeatable run
        self.sandbox = self.town.sandbox
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["tests.crash.bot"])

    async def run(self, progress: Callable[[int], object]) -> CrashReport:
        started = time.perf_counter()
        options = self.options
        for number in range(options.kills):
            new = number * options.stories >= len(self.town.titles) * options.kills
            if new:
                self._tell_story()
            await self._life(self._next_step(new_story=new))
            progress(number + 1)
        while len(self.town.titles) < options.stories:
            self._tell_story()
        await self._finish()
        return CrashReport(
            self.town.tally(),
            self.steps.total(),
            self.steps,
            self.answers_lost,
            time.perf_counter() - started,
        )

    def _tell_story(self) -> None:
        name = f"story{len(self.town.titles)}"
        self.town.write(name, headline(self.random), quality=self.random.randint(70, 120))

    @property
    def _waiting(self) -> int:
        """How many messages are still to come for the stories so far."""
        return len(self.town.channels) * len(self.town.titles) - self.town.count()

    def _next_step(self, *, new_story: bool) -> str:
        """The next step of a shuffled deck that this life can come to."""
        possible = {ANY_MOMENT, "recovered"}
        if new_story:
            possible |= PLANNING.keys()
        if self._waiting:
            possible |= {*POSTING, *LOSING, COMMITTED}
        if self.town.count() and self._waiting <= 2 * self._share:
            possible |= {*EDITING, EDIT_COMMITTED}
        if self.last_step in _LEAVES_UNKNOWN and not self.options.folding:
            possible.add("looked up")
        if not possible & set(self.deck):
            self.deck += self.random.sample(ALL_STEPS, len(ALL_STEPS))
        step = next(each for each in self.deck if each in possible)
        self.deck.remove(step)
        return step

    @property
    def _share(self) -> int:
        """How many messages a life has to send, on average."""
        options = self.options
        return max(1, options.channels * options.stories // options.kills)

    async def _life(self, step: str) -> None:
        """Let the bot live until it dies at a step."""
        editing = step in EDITING or step == EDIT_COMMITTED
        if editing:
            name = self.random.choice(sorted(self.town.titles)[:-1] or sorted(self.town.titles))
            self.town.write(name, headline(self.random))
        call = 1
        if step not in PLANNING and step not in RECOVERING:
            # Several are in flight at once: the last calls may have been in a life before.
            most = (self.town.count() if editing else self._waiting) - MAX_IN_FLIGHT
            call = self.random.randint(1, max(1, min(2 * self._share, most)))
        if step in CLAIMING:
            # One claim takes as many as there are free slots.
            call = (call + MAX_IN_FLIGHT - 1) // MAX_IN_FLIGHT
        with self._prepared(step, call) as own_step:
            died = await self._until_death(own_step, 1 if step in LOSING else call, step)
        self.last_step = step
        self.steps[step if died else f"late for {step}"] += 1

    def _prepared(self, step: str, call: int) -> "_Watch":
        watch = _Watch(self, step, call)
        if step in LOSING:
            watch.lose_answer_at = call
        elif self.options.folding and self.random.random() < LOSSES:
            watch.lose_answer_at = self.random.randint(1, call)
        return watch

    async def _until_death(self, step: str | None, call: int, name: str) -> bool:
        """Whether it died by itself, or at the moment that was chosen."""
        process = self.start(step, call)
        seconds = LONGEST_LIFE
        if name == ANY_MOMENT:
            seconds = self.random.uniform(0, _ANY_MOMENT_SECONDS)
        try:
            in_time = await _ended(process, seconds)
        finally:
            process.kill()
            await _ended(process, LONGEST_LIFE)
        if process.exitcode != -signal.SIGKILL:
            raise RuntimeError(f"the bot ended with {process.exitcode} instead of being killed")
        return in_time or name == ANY_MOMENT

    def start(self, step: str | None = None, call: int = 1) -> BaseProcess:
        """Begin a life."""
        if not self.options.folding:
            self.ahead += PAST_THE_WINDOW
            self.sandbox.faults.move_clock(PAST_THE_WINDOW)
        town, sandbox = self.town, self.sandbox
        life = Life(
            town.folder, town.database, sandbox.api_url, sandbox.token, self.ahead, step, call
        )
        self.process = self.context.Process(target=live, args=(life,))
        self.process.start()
        return self.process

    async def _finish(self) -> None:
        """Let the bot do what is left, and stop as an operator stops it."""
        gateway = self.sandbox.gateway
        before = gateway.identifies
        process = self.start()
        try:
            # A process that is still starting does not know what to do with SIGTERM.
            await self.sandbox.wait_until(lambda: gateway.identifies > before, LONGEST_FINISH)
            async with asyncio.timeout(LONGEST_FINISH):
                while not await self.town.nothing_waits():
                    if await _ended(process, 0.2):
                        raise RuntimeError(f"the bot ended by itself with {process.exitcode}")
            process.terminate()
            await _ended(process, LONGEST_LIFE)
        finally:
            process.kill()
            await _ended(process, LONGEST_LIFE)
        if process.exitcode != 0:
            raise RuntimeError(f"the bot ended with {process.exitcode} on SIGTERM")


class _Watch:
    """Sees what the bot's Discord commits during one life, and acts at that very moment."""

    def __init__(self, run: _Run, step: str, call: int) -> None:
        self._run = run
        self._step = step
        self._call = call
        self._seen = Counter[str]()
        self.lose_answer_at: int | None = None

    def __enter__(self) -> str | None:
        """The step that the process itself looks for."""
        self._lose_if_due()
        self._run.sandbox.world.on_event(self._on_event)
        return self._step if self._step in STEPS else None

    def __exit__(self, *_: object) -> None:
        self._run.sandbox.world.remove_listener(self._on_event)
        self._run.sandbox.faults.clear()

    def _on_event(self, event: Event) -> None:
        self._seen[event.name] += 1
        watched = _SEEN_FROM_HERE.get(self._step)
        if event.name == watched and self._seen[watched] == self._call:
            self._run.process.kill()
        self._lose_if_due()

    def _lose_if_due(self) -> None:
        """Let the next message's answer be lost, if so many messages came before it."""
        run = self._run
        if self.lose_answer_at is not None and (
            self._seen["MESSAGE_CREATE"] + 1 >= self.lose_answer_at
        ):
            # The library itself tries 502 again, which takes a Discord that folds nonces.
            ways: list[Fault] = [
                Reset(),
                Status(503, after_commit=True),
                Status(520, after_commit=True),
            ]
            if run.options.folding and self._step not in LOSING:
                ways += [Status(502, after_commit=True), Reset(after_commit=False)]
            run.sandbox.faults.plan(run.random.choice(ways), route=SEND_MESSAGE)
            run.answers_lost += 1
            self.lose_answer_at = None


async def _ended(process: BaseProcess, seconds: float) -> bool:
    """Wait for the end of a process, at most so long; whether it ended."""
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
