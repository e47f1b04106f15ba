"""Generated headlines, no two of which are about the same event."""

from random import Random

_SYLLABLES = [first + second for first in "bdfghjklmnprstvz" for second in "aeiou"]


def headline(random: Random) -> str:
    """Six generated words; no two headlines are about the same event."""
    words = ["".join(random.choices(_SYLLABLES, k=3)) for _ in range(6)]
    return " ".join(words).capitalize()
