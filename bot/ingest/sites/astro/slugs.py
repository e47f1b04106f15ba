"""Names as GitHub makes anchors of them, which Astro uses for addresses. Pure.

https://github.com/Flet/github-slugger
"""

import unicodedata

_KEPT = frozenset({"Nd", "Nl", "Pc"})
# Letters in circles and squares, which Unicode counts as alphabetic symbols.
_ALPHABETIC_SYMBOLS = (
    *(range(0x24B6, 0x24EA), range(0x1F130, 0x1F14A), range(0x1F150, 0x1F16A)),
    range(0x1F170, 0x1F18A),
)


def github_slug(text: str) -> str:
    """Return text in lower case without punctuation and symbols, and with hyphens for spaces."""
    kept = (each for each in text.lower() if each in " -" or _is_kept(each))
    return "".join(kept).replace(" ", "-")


def _is_kept(character: str) -> bool:
    category = unicodedata.category(character)
    if category[0] in "LM" or category in _KEPT:
        return True
    return category == "So" and any(ord(character) in each for each in _ALPHABETIC_SYMBOLS)
