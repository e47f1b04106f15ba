"""Let everything go wrong while stories come and change, then count what arrived."""

import asyncio
import random
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.app import Progress, run_bot
from bot.sandbox import RateOptions, Sandbox, SandboxOptions
from bot.sandbox.rest.rate_limits import RateDecision, RateLimits
from storage.open import open_store
from storage.posts import PostStatus
from tests.chaos.troubles import Troubles
from tests.crash.town import Tally, Town
from tests.support.clock import OffsetClock
from tests.support.desk import Desk

LONGEST_FINISH = 120.0
# How many things go wrong in a second, and how many seconds lie between stories and changes.
TROUBLES_PER_SECOND = 3.0
# Of what the bot may send, so much is asked of it; the rest is for trying again.
LOAD = 0.4


@dataclass(frozen=True, slots=True)
class ChaosOptions:
    """How long a run is and how large; a `hard` one has troubles that take long to get over."""

    seconds: float
    seed: int
    channels: int = 60
    hard: bool = True


@dataclass(frozen=True, slots=True)
class ChaosReport:
    """What came of it. `uncertain` posts are told to the operator, who decides."""

    tally: Tally
    stories: int
    uncertain: int
    posted_while_paused: int
    own_refusals: int
    troubles: Mapping[str, int]
    seconds: float

    @property
    def fine(self) -> bool:
        """Whether every promise was kept."""
        tally = self.tally
        broken = tally.lost, tally.repeated, tally.outdated
        return not any((*broken, self.posted_while_paused, self.own_refusals))

    def __str__(self) -> str:
        tally = self.tally
        troubles = ", ".join(f"{what} {count}" for what, count in sorted(self.troubles.items()))
        return (
            f"{self.stories} stories, {tally.messages} messages, {tally.lost} lost,"
            f" {tally.repeated} repeated, {tally.outdated} outdated, {self.uncertain} uncertain,"
            f" {self.posted_while_paused} to a paused channel, {self.own_refusals} own 429s,"
            f" {self.seconds:.0f} s ({troubles})"
        )


async def chaos(
    options: ChaosOptions, progress: Callable[[float], object] = lambda _: None
) -> ChaosReport:
    """One run; `progress` hears how many seconds have passed.

    Raises what ends the bot, and RuntimeError if it does not get everything done in the end.
    """
    sandbox = Sandbox(SandboxOptions(rates=RateOptions()))
    refusals = count_refusals(sandbox.rates)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "articles"
        folder.mkdir()
        town = Town(sandbox, folder, Path(name) / "storywire.db")
        clock = OffsetClock()
        async with sandbox.serve():
            await town.found(options.channels)
            async with asyncio.TaskGroup() as group:
                stop = asyncio.Event()
                settings = Desk(sandbox, folder, town.database).settings()
                group.create_task(run_bot(settings, sandbox.token, clock, stop, Progress()))
                await sandbox.bot_ready()
                chance = random.Random(options.seed)  # noqa: S311 - a repeatable run
                troubles = Troubles(town, clock, chance, group, options.hard)
                await _trouble(troubles, options, settings.announce.pace, progress)
                await troubles.end()
                await _finish(troubles)
                stop.set()
        tally, uncertain = await _tally(town, troubles.excused)
        return ChaosReport(
            tally,
            len(town.titles),
            uncertain,
            troubles.posted_while_paused,
            len(refusals),
            troubles.counts,
            time.perf_counter() - started,
        )


async def _trouble(
    troubles: Troubles, options: ChaosOptions, pace: float, progress: Callable[[float], object]
) -> None:
    """Strike again and again; stories come and change as fast as the pace lets them be told."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    between = options.channels / (pace * LOAD)
    next_story = begun
    while (now := loop.time()) < begun + options.seconds:
        if now >= next_story:
            next_story = now + between
            if troubles.random.random() < 0.7 or not troubles.town.titles:
                troubles.tell_story()
            else:
                troubles.change_story()
        troubles.strike()
        progress(now - begun)
        await asyncio.sleep(troubles.random.expovariate(TROUBLES_PER_SECOND))


async def _finish(troubles: Troubles) -> None:
    """Wait until nothing is left to do; time is skipped while nothing is under way."""
    town = troubles.town
    try:
        async with asyncio.timeout(LONGEST_FINISH):
            while not await town.nothing_waits():
                await asyncio.sleep(0.5)
                if not await town.is_being_sent():
                    troubles.skip(timedelta(seconds=20))
    except TimeoutError as error:
        raise RuntimeError(f"the bot does not finish: {await town.what_waits()}") from error


async def _tally(town: Town, excused: set[tuple[int, str]]) -> tuple[Tally, int]:
    """Compare all channels that are left; what is uncertain is neither lost nor told."""
    async with open_store(town.database) as store:
        uncertain = await store.list_posts([PostStatus.UNCERTAIN], 100_000)
    names = {(each.post.channel_id, each.story.article.url.rsplit("/", 1)[1]) for each in uncertain}
    return town.tally(uncertain=names | excused), len(uncertain)


def count_refusals(rates: RateLimits) -> list[RateDecision]:
    """The refusals that the bot earned itself, as they come: those made on demand are not here."""
    refusals: list[RateDecision] = []
    take = rates.take

    def counted(route: str, major: str, *, counts_globally: bool) -> RateDecision:
        decision = take(route, major, counts_globally=counts_globally)
        if decision.retry_after is not None:
            refusals.append(decision)
        return decision

    rates.take = counted  # type: ignore[method-assign]  # the sandbox tells these apart nowhere else
    return refusals
