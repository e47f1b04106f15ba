"""Text helpers: cleaning text for display, digests, document keys."""

import re
import unicodedata
from hashlib import blake2b

from bot.visible_text import BRAILLE_SPACE

# Control characters, lone surrogates, soft hyphens and Hangul fillers, characters that change the
# direction of the following text (https://trojansource.codes), and characters without width.
# Joiners (U+200C, U+200D) stay, because Persian and emoji need them; so do the direction marks
# U+200E and U+200F, which do not affect other text.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u180e\u200b\u202a-\u202e\u2060-\u206f\u3164"
    r"\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff]"
)
MAX_KEY = 300


def clean_text(text: str, limit: int) -> str:
    """Return text on one line: normalised (NFC), visible only, at most `limit` characters."""
    if text.isascii() and text.isprintable():
        text = " ".join(text.split())
    else:
        text = " ".join(_INVISIBLE.sub("", text).replace(BRAILLE_SPACE, " ").split())
        # Normalising many accents takes quadratic time; composing shortens text to half at most.
        text = unicodedata.normalize("NFC", text[: 2 * limit])
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def content_digest(content: bytes) -> str:
    """Return a digest by which content is compared."""
    return blake2b(content, digest_size=16).hexdigest()


def pluralize(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun, in the plural unless the number is 1."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


def escape_key(key: str) -> str:
    """Escape a key, so that it can be printed and stored whatever bytes the name contains.

    Backslashes are escaped, too, so different names have different keys.
    """
    if key.isprintable() and "\\" not in key:
        return key
    return "".join(
        char if char.isprintable() and char != "\\" else char.encode("unicode_escape").decode()
        for char in key
    )


def document_key(name: str, content: str) -> str:
    """Return the name as a key, or a hash: of a too long name, or of the content without a name."""
    if name and len(name) <= MAX_KEY:
        return escape_key(name)
    return f"hash:{content_digest((name or content).encode('utf-8', 'backslashreplace'))}"


def unescape_key(key: str) -> str:
    """Return the name that `escape_key` turned into this key."""
    if "\\" not in key:
        return key
    return key.encode("latin-1", "backslashreplace").decode("unicode_escape")
