"""How much is made up for a property."""

from hypothesis import settings


def of_hundred(examples: int) -> settings:
    """So many examples where others have a hundred, for what takes long."""
    return settings(max_examples=settings().max_examples * examples // 100)
