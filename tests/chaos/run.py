"""Cause failures while stories appear and change, then compare what the channels contain."""

import asyncio
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.app import Progress, run_bot
from bot.sandbox import RateOptions, Sandbox, SandboxOptions
from bot.sandbox.rest.rate_limits import RateDecision, Scope
from tests.chaos.failures import FailureInjector
from tests.support.clock import OffsetClock
from tests.support.desk import Desk
from tests.support.places import KEPT_REQUESTS, LOST
from tests.support.subscribed_channels import (
    DiscussionTally,
    PublicationTally,
    SubscribedChannels,
    Tally,
)

MAX_FINISH_SECONDS = 300.0
FAILURES_PER_SECOND = 3.0
# A request whose response is lost counts towards its channel's limit without the bot's knowledge,
# until the window of that limit ends.
LOST_RESPONSE_COUNTS = timedelta(seconds=5)
# Discord's limit is lower, so that the last edits would take hours.
EDITS_OF_PUBLISHED = 60
# The share of the allowed pace that new stories use; the rest is for retries.
LOAD_FACTOR = 0.4


@dataclass(frozen=True, slots=True)
class ChaosOptions:
    """The size of a test; `slow_recovery` adds failures that take long to recover from."""

    seconds: float
    seed: int
    channels: int = 60
    slow_recovery: bool = True


@dataclass(slots=True)
class Refusals:
    """The number of requests that were refused for exceeding a rate limit."""

    avoidable: Counter[str] = field(default_factory=Counter)
    """By route."""
    after_lost_response: int = 0


@dataclass(frozen=True, slots=True)
class ChaosReport:
    """The result. `uncertain` posts are reported to the operator, who decides about them.

    `rate_limit_refusals` could have been avoided; those after a lost response could not.
    """

    tally: Tally
    publications: PublicationTally
    discussions: DiscussionTally
    stories: int
    uncertain: int
    posted_while_paused: int
    rate_limit_refusals: Mapping[str, int]
    refusals_after_lost_response: int
    failures: Mapping[str, int]
    seconds: float
    faults: Sequence[str] = ()
    """What became of each message that is lost or outdated."""

    @property
    def ok(self) -> bool:
        """Whether all checks passed."""
        tally = self.tally
        broken = tally.lost, tally.repeated, tally.outdated
        lost = self.discussions.lost
        return self.publications.ok and not any(
            (*broken, lost, self.posted_while_paused, self.rate_limit_refusals)
        )

    def __str__(self) -> str:
        tally = self.tally
        failures = ", ".join(f"{what} {count}" for what, count in sorted(self.failures.items()))
        return (
            f"{self.stories} stories, {tally.messages} messages: {tally.lost} lost,"
            f" {tally.repeated} repeated, {tally.outdated} outdated, {self.uncertain} uncertain;"
            f" {self.publications}; {self.discussions};"
            f" {self.posted_while_paused} posted to a paused channel,"
            f" {sum(self.rate_limit_refusals.values())} rate limits exceeded"
            f" ({self.refusals_after_lost_response} more after a lost response),"
            f" {self.seconds:.0f} s ({failures})"
            + "".join(f"\n{route}: {count}" for route, count in self.rate_limit_refusals.items())
            + "".join(f"\n{each}" for each in self.faults)
        )


async def run_chaos_test(
    options: ChaosOptions, progress: Callable[[float], object] = lambda _: None
) -> ChaosReport:
    """Run one test; `progress` is called with the seconds that have passed.

    Raises the error that ends the bot, or RuntimeError if the bot does not finish its work.
    """
    rates = RateOptions(crossposted_edits_per_hour=EDITS_OF_PUBLISHED)
    sandbox = Sandbox(SandboxOptions(rates=rates, kept_requests=KEPT_REQUESTS))
    refusals = record_refusals(sandbox)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "articles"
        folder.mkdir()
        channels = SubscribedChannels(sandbox, folder, Path(name) / "storywire.db")
        clock = OffsetClock()
        async with sandbox.serve():
            await channels.create(options.channels)
            async with asyncio.TaskGroup() as group:
                stop = asyncio.Event()
                settings = Desk(sandbox, folder, channels.database).settings()
                group.create_task(run_bot(settings, sandbox.token, clock, stop, Progress()))
                await sandbox.bot_ready()
                random_source = random.Random(options.seed)  # noqa: S311 - a repeatable run
                failures = FailureInjector(
                    channels, clock, random_source, group, options.slow_recovery
                )
                await _cause_failures(failures, options, settings.announce.pace, progress)
                await failures.end()
                await _finish(failures)
                stop.set()
        uncertain = await channels.uncertain_posts()
        unclear = uncertain | failures.optional_posts
        return ChaosReport(
            channels.tally(unclear),
            await channels.tally_publications(),
            await channels.tally_discussions(),
            len(channels.titles),
            len(uncertain),
            failures.posted_while_paused,
            refusals.avoidable,
            refusals.after_lost_response,
            failures.counts,
            time.perf_counter() - started,
            await channels.describe_faults(unclear),
        )


async def _cause_failures(
    failures: FailureInjector,
    options: ChaosOptions,
    pace: float,
    progress: Callable[[float], object],
) -> None:
    """Cause failures, and add and change stories as fast as the bot may post them."""
    loop = asyncio.get_running_loop()
    started_at = loop.time()
    seconds_between_stories = options.channels / (pace * LOAD_FACTOR)
    next_story = started_at
    while (now := loop.time()) < started_at + options.seconds:
        if now >= next_story:
            next_story = now + seconds_between_stories
            if failures.random.random() < 0.7 or not failures.channels.titles:
                failures.add_story()
            else:
                failures.change_story()
        failures.inject_random_failure()
        progress(now - started_at)
        await asyncio.sleep(failures.random.expovariate(FAILURES_PER_SECOND))


async def _finish(failures: FailureInjector) -> None:
    """Wait until nothing is left to do; time is skipped while nothing is being sent."""
    channels = failures.channels
    try:
        async with asyncio.timeout(MAX_FINISH_SECONDS):
            while not await channels.is_idle():
                await asyncio.sleep(0.5)
                if not await channels.is_sending():
                    failures.skip(timedelta(seconds=20))
    except TimeoutError as error:
        raise RuntimeError(
            f"the bot did not finish its work: {await channels.describe_outbox()}"
        ) from error


def record_refusals(sandbox: Sandbox) -> Refusals:
    """Count refusals for exceeding a rate limit, but not simulated ones."""
    refusals = Refusals()
    take = sandbox.rates.take

    def counted(route: str, major: str, *, counts_globally: bool) -> RateDecision:
        decision = take(route, major, counts_globally=counts_globally)
        if decision.retry_after is not None:
            if decision.scope is not Scope.GLOBAL and _lost_response(sandbox, major):
                refusals.after_lost_response += 1
            else:
                refusals.avoidable[route] += 1
        return decision

    sandbox.rates.take = counted  # type: ignore[method-assign]  # simulated ones look alike
    return refusals


def _lost_response(sandbox: Sandbox, place: str) -> bool:
    """Whether a response about a channel or server was lost so recently that its limit counts."""
    since = sandbox.clock() - LOST_RESPONSE_COUNTS
    return any(
        record.at > since and record.note in LOST and f"/{place}/" in record.path
        for record in sandbox.requests
    )
