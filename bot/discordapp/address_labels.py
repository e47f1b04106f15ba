"""Recognises texts that look like an address other than the one that they link to. Pure.

Titles and names come from anywhere. A link whose text names one host and leads to another is how
people are made to enter their passwords on the wrong site.
"""

import contextlib
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.urls.hosts import ascii_host

# Zero-width characters, and others that show nothing between two letters.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
# Dots of other scripts. Browsers read only some of these as a dot; people may read all of them so.
_DOTS = re.compile("[\u2024\u2e31\u2e33\ua4f8\ua60e\u0701\u0702\u06d4\u0660\u06f0\ufe52\uff0e]")
# A full stop of Chinese and Japanese, which ends sentences there.
_IDEOGRAPHIC_DOT = re.compile("(?<=[!-~])[\u3002\uff61](?=[!-~])")
# Dots at half height: letters of words in some languages, but not before a slash.
_RAISED_DOTS = re.compile(
    "(?<=\\w)[\u00b7\u0387\u02d9\u2022\u2027\u2219\u22c5\u30fb\uff65](?=[\\w.-]+[/:])"
)
_SLASHES = re.compile("[\u2044\u2215\u29f8\uff0f]")
_COLONS = re.compile("[\ua789\u02d0\u0589\u2236\ufe55\uff1a]")
_SCHEME = re.compile(r"(?:\b[a-z][a-z0-9+.-]{0,20}\s*:)?\s*//+\s*", re.IGNORECASE)
_AFTER_SCHEME = re.compile(r"//+\s*(?P<host>[^\s/?#\\]+)")
_HOST = re.compile(r"(?<![\w-])[\w-]+(?:\.[\w-]+)+")
_IPV4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
# Marks and symbols, by Unicode's categories.
_IN_WORDS = frozenset({"Mn", "Mc", "Me", "So", "Sk"})
_SHORTEST_ENDING = 2
# The end of a host says who it belongs to.
_LONGEST_HOST = 60


def other_host(text: str, address: str) -> str | None:
    """The host of `address` if `text` looks like another address; None if nobody can mix them up.

    `address` must be safe to link to; its host is returned in its ASCII form, and shortened.
    """
    target = _plain_host(urlsplit(address).hostname or "")
    if all(_plain_host(named) == target for named in _named_hosts(text)):
        return None
    return target if len(target) <= _LONGEST_HOST else f"…{target[1 - _LONGEST_HOST :]}"


def without_schemes(text: str) -> str:
    """`https://bank.example` as `bank.example`.

    Discord shows a link as it is written if its text contains a scheme and a host, as observed.
    """
    text = _COLONS.sub(":", _SLASHES.sub("/", text))

    def gap(found: re.Match[str]) -> str:
        return " " if text[: found.start()][-1:].isalnum() else ""

    return _SCHEME.sub(gap, text).strip()


def _named_hosts(text: str) -> Iterator[str]:
    """Whatever looks like a host in a text: after a scheme, of an e-mail address, with a path."""
    text = _INVISIBLE.sub("", text)
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", _DOTS.sub(".", text)))
    text = _COLONS.sub(":", _SLASHES.sub("/", text))
    # Hosts contain accents, vowel signs and emoji, too, which are not letters for `\w`.
    text = "".join(
        "x" if unicodedata.category(each) in _IN_WORDS and not each.isascii() else each
        for each in text
    )
    text = _RAISED_DOTS.sub(".", _IDEOGRAPHIC_DOT.sub(".", text))
    yield from (found["host"] for found in _AFTER_SCHEME.finditer(text))
    for found in _HOST.finditer(text):
        ending = found[0].rpartition(".")[2]
        has_letter = any(map(str.isalpha, ending))
        if (len(ending) >= _SHORTEST_ENDING and has_letter) or _IPV4.fullmatch(found[0]):
            yield found[0]


def _plain_host(host: str) -> str:
    """A host in its ASCII form, without what makes no difference to a reader."""
    host = host.partition(":")[0].rstrip(".,;!?)").casefold()
    with contextlib.suppress(ValueError):  # no host at all, so it is compared as it is
        host = ascii_host(host)
    return host.removeprefix("www.")
