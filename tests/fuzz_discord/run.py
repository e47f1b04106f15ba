"""Run many lives of bots side by side, and report what the spoiled inputs did to them."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz_discord.coverage import RARE_KINDS, Coverage, Input
from tests.fuzz_discord.life import Failure, LifeOptions, LifeReport, live
from tests.support.subscribed_channels import Tally

# Lives of different lengths: a short one has more starts, a long one more of everything else.
_SHORT, _LONG = (1.5, 1), (6.0, 3)
# One life of these is short.
_LIVES = 2
# A run this long is demanded to spoil every field, a shorter one every kind of input.
SECONDS_FOR_EACH_FIELD = 600
# One field of a payload is spoiled. Fields that always occur together, and in fewer payloads than
# this, are listed, but not demanded.
_RARE = 20
_SHOWN_FAILURES = 40
_SHOWN_LINES = 12


@dataclass(frozen=True, slots=True)
class FuzzOptions:
    """The size of a test.

    `kinds` limits what is spoiled to names that contain one of these texts. `only` is one input to
    replay, in one life.
    """

    seconds: float
    seed: int
    journal: Path
    bots: int = 3
    kinds: tuple[str, ...] = ()
    only: Input | None = None


@dataclass
class FuzzReport:
    """The result."""

    coverage: Coverage
    seconds: float = 0.0
    demands_fields: bool = False
    is_partial: bool = False
    lives: list[LifeReport] = field(default_factory=list)
    failures: dict[tuple[str, str], Failure] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether all checks passed."""
        return not self.failures and not self.missing

    @property
    def missing(self) -> list[str]:
        """What should have been spoiled, and was not."""
        if self.is_partial:
            return [] if self.coverage.spoiled else ["no such input occurred"]
        kinds = self.coverage.unexercised_kinds()
        if not self.demands_fields:
            return [each for each in kinds if each not in RARE_KINDS]
        return [*kinds, *self.coverage.unexercised_fields(_RARE)]

    def add(self, life: LifeReport) -> None:
        """Add a life."""
        self.lives.append(life)
        for each in life.failures:
            known = self.failures.setdefault((each.kind, each.key), each)
            if known is not each:
                known.count += 1

    @property
    def tally(self) -> Tally:
        """The messages of all lives."""
        tallies = [each.tally for each in self.lives]
        return Tally(
            sum(each.messages for each in tallies),
            sum(each.lost for each in tallies),
            sum(each.repeated for each in tallies),
            sum(each.outdated for each in tallies),
        )

    def __str__(self) -> str:
        coverage, tally = self.coverage, self.tally

        def total(name: str) -> int:
            return sum(getattr(each, name) for each in self.lives)

        lines = [
            f"{coverage.total} spoiled inputs in {len(coverage.names)} kinds of frames and"
            f" responses, {coverage.pairs} different ones",
            *self._table(),
            f"{len(self.lives)} lives, {total('runs')} runs of the bot ({total('kills')} killed,"
            f" {total('restarts')} restarted), {total('conversations')} conversations:"
            f" {total('process_ends')} process ends, {total('tracebacks')} tracebacks",
            f"{total('stories')} stories, {tally.messages} messages: {tally.lost} lost,"
            f" {tally.repeated} repeated, {tally.outdated} outdated"
            f" ({total('unreadable_channels')} channels with a spoiled history not counted),"
            f" {self.seconds:.0f} s; a bot works again after at most"
            f" {max((each.recovery_seconds for each in self.lives), default=0):.0f} s",
        ]
        lines += [f"never spoiled: {each}" for each in self.missing[:_SHOWN_FAILURES]]
        if self.demands_fields:
            rare = set(coverage.unexercised_fields()) - set(self.missing)
            lines += [f"too rare to be spoiled: {each}" for each in sorted(rare)]
        for number, each in enumerate(list(self.failures.values())[:_SHOWN_FAILURES], start=1):
            lines += [
                f"{number}. {each.kind} ({each.count} times): {each.key}",
                f"   in {each.bot}, after {', '.join(each.inputs)}",
                *(f"   | {line[:200]}" for line in each.log[-_SHOWN_LINES:]),
            ]
        return "\n".join(lines)

    def _table(self) -> list[str]:
        rows = []
        for name in self.coverage.names:
            seen, spoiled, inputs = self.coverage.counts(name)
            if self.is_partial and not inputs:
                continue
            rows.append(f"  {name:<68} {spoiled:>4} of {seen:>4} fields {inputs:>6} inputs")
        return rows


async def run_fuzz_test(
    options: FuzzOptions, progress: Callable[[str], object] = lambda _: None
) -> FuzzReport:
    """Run one test; `progress` is called with a short text."""
    random_source = random.Random(options.seed)  # noqa: S311 - a repeatable run
    coverage = Coverage(random_source, options.journal)
    report = FuzzReport(
        coverage,
        demands_fields=options.seconds >= SECONDS_FOR_EACH_FIELD,
        is_partial=options.only is not None or bool(options.kinds),
    )
    started = time.perf_counter()

    async def lane(number: int) -> None:
        lives = 0
        while time.perf_counter() < started + options.seconds:
            lives += 1
            is_short = options.only is None and (lives + number) % _LIVES == 0
            seconds, runs = _SHORT if is_short else _LONG
            life = LifeOptions(
                f"bot {number}.{lives}",
                seconds,
                runs,
                random_source.choice(("strike", "delete")),
                options.kinds,
                options.only,
            )
            report.add(await live(life, coverage))
            progress(
                f"{time.perf_counter() - started:.0f} s, {coverage.total} spoiled inputs,"
                f" {len(report.failures)} failures"
            )

    async with asyncio.TaskGroup() as group:
        for number in range(options.bots):
            group.create_task(lane(number))
    coverage.close()
    report.seconds = time.perf_counter() - started
    return report
