"""Times of lookups, and how they are summed up."""

from dataclasses import dataclass, field

from tests.bench.figures import percentile


@dataclass
class Times:
    """The seconds that each question took, with what was asked.

    `failed` questions were refused, or not answered in time; their time counts, too.
    """

    name: str
    goal: float
    share: float = 0.99
    taken: list[tuple[float, str]] = field(default_factory=list)
    failed: int = 0

    def add(self, seconds: float, question: str, *, failed: bool = False) -> None:
        """Add a question."""
        self.taken.append((seconds, question))
        self.failed += failed

    def percentile(self, share: float) -> float:
        """The time that this share of the questions does not exceed."""
        return percentile([seconds for seconds, _ in self.taken], share)

    @property
    def longest(self) -> tuple[float, str]:
        """The longest time, and what was asked."""
        return max(self.taken)

    @property
    def met(self) -> bool:
        """Whether the goal is met, and every question was answered."""
        return not self.failed and self.percentile(self.share) <= self.goal
