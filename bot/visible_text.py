"""Which characters and texts a reader can see. Pure.

The names of people, sources and topics come from anywhere, and a title that shows nothing can't be
clicked or recognised.
"""

import unicodedata

# The space of Braille, which is a symbol to Unicode and not white space to Python.
BRAILLE_SPACE = "\u2800"
_VISIBLE_CATEGORIES = frozenset("LNPS")
# Characters that are letters or symbols to Unicode, but show nothing: Hangul fillers
# (https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point), the empty Braille pattern,
# blank hieroglyphs, a musical symbol for nothing, and the place of an object that is missing.
_BLANK = frozenset(f"{BRAILLE_SPACE}\u115f\u1160\u3164\uffa0\ufffc\U00013441\U00013442\U0001d159")


def is_visible(character: str) -> bool:
    """Whether a character shows something by itself.

    Spaces, control and format characters, variation selectors and tags don't, and neither do
    accents without a letter.
    """
    return unicodedata.category(character)[0] in _VISIBLE_CATEGORIES and character not in _BLANK


def is_blank(text: str) -> bool:
    """Whether a reader sees nothing of a text."""
    if text.isascii() and text.isprintable():
        return not text.strip(" ")
    return not any(map(is_visible, text))
