"""Text as a reader should see it: one line, composed, without what is invisible or misleading."""

import re
import unicodedata
from hashlib import blake2b

# Control characters, halves of surrogate pairs, soft hyphens and Hangul fillers, marks that turn
# the reading direction of what follows (https://trojansource.codes), and characters of no width.
# Joiners (U+200C, U+200D) stay: Persian and emoji need them; so do the direction marks U+200E and
# U+200F, which turn nothing.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u180e\u200b\u202a-\u202e\u2060-\u206f\u3164"
    r"\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff]"
)
MAX_KEY = 300
_VISIBLE_CATEGORIES = frozenset("LNPS")


def clean_text(text: str, limit: int) -> str:
    """Normalise (NFC), drop what can't be seen, fold white space, cut to `limit` characters."""
    if text.isascii() and text.isprintable():
        text = " ".join(text.split())
    else:
        text = " ".join(_INVISIBLE.sub("", text).split())
        # Normalising a heap of accents takes quadratic time, and composing at most halves text.
        text = unicodedata.normalize("NFC", text[: 2 * limit])
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def is_visible(text: str) -> bool:
    """Whether there is a letter, digit, sign or picture in it, not only joiners and the like."""
    if text.isascii() and text.isprintable():
        return not text.isspace() and text != ""
    return any(unicodedata.category(character)[0] in _VISIBLE_CATEGORIES for character in text)


def content_digest(content: bytes) -> str:
    """Stands for content: equal digests, equal content."""
    return blake2b(content, digest_size=16).hexdigest()


def pluralize(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


def escape_key(key: str) -> str:
    """The key as text that a terminal and a database can take, whatever bytes the name has.

    No two names have the same: what stands for an odd sign begins with a backslash, and so does
    what stands for a backslash.
    """
    if key.isprintable() and "\\" not in key:
        return key
    return "".join(
        each if each.isprintable() and each != "\\" else each.encode("unicode_escape").decode()
        for each in key
    )


def document_key(name: str, content: str) -> str:
    """The name as a key, or a hash: of a name that is too long, or of the content without one."""
    if name and len(name) <= MAX_KEY:
        return escape_key(name)
    return f"hash:{content_digest((name or content).encode('utf-8', 'backslashreplace'))}"


def unescape_key(key: str) -> str:
    """The name whose `escape_key` this is."""
    if "\\" not in key:
        return key
    return key.encode("latin-1", "backslashreplace").decode("unicode_escape")
