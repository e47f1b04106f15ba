"""The number of examples for a property test."""

from hypothesis import settings


def of_hundred(examples: int) -> settings:
    """The given share of the usual number of examples, for slow properties."""
    return settings(max_examples=settings().max_examples * examples // 100)
