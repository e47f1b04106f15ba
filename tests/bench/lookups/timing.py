"""Times of lookups, and how they are summed up."""

from dataclasses import dataclass, field

from tests.bench.figures import percentile

FEWEST_SAMPLES = 200


@dataclass(frozen=True, slots=True)
class Taken:
    """The seconds that one question took, by the clock and of CPU time, and what was asked."""

    seconds: float
    question: str
    processor_seconds: float = 0.0


@dataclass
class Times:
    """The times of one kind of lookup.

    `share` of the questions may not take longer than `goal` seconds. `failed` questions were
    refused, or not answered in time; their time counts, too.
    """

    name: str
    goal: float
    share: float = 0.99
    taken: list[Taken] = field(default_factory=list)
    failed: int = 0

    def add(self, taken: Taken, *, failed: bool = False) -> None:
        """Add a question."""
        self.taken.append(taken)
        self.failed += failed

    def seconds(self, share: float) -> float:
        """The time by the clock that this share of the questions does not exceed."""
        return percentile([each.seconds for each in self.taken], share)

    def processor_seconds(self, share: float) -> float:
        """The CPU time that this share of the questions does not exceed."""
        return percentile([each.processor_seconds for each in self.taken], share)

    @property
    def longest(self) -> Taken:
        """The question that took longest."""
        return max(self.taken, key=lambda each: each.seconds)

    @property
    def met(self) -> bool:
        """Whether the goal is met, and every question was answered."""
        return not self.failed and self.seconds(self.share) <= self.goal
