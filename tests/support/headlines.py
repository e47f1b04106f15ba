"""Headlines that say nothing, and no two of them nearly the same."""

from random import Random

_SYLLABLES = ("ba", "den", "fi", "gor", "hul", "ka", "lem", "mo", "nir", "pos", "rat", "su", "tev")


def headline(random: Random) -> str:
    """Six made-up words: no two headlines say nearly the same."""
    words = ["".join(random.choices(_SYLLABLES, k=3)) for _ in range(6)]
    return " ".join(words).capitalize()
