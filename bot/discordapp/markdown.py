"""Discord's markdown: makes text from outside safe to show, and writes links and times.

Titles, excerpts and names come from anywhere. They are shown as one line of text, never as markup:
https://support.discord.com/hc/en-us/articles/210298617 lists what Discord interprets.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from math import floor
from typing import TypeAlias

from bot.discordapp.address_labels import other_host, without_schemes
from bot.urls.safety import safe_url
from bot.visible_text import BRAILLE_SPACE, is_blank

ELLIPSIS = "…"
# From a line to its parts (from, to) that are to be bold.
FindParts: TypeAlias = Callable[[str], Iterable[tuple[int, int]]]
# The asterisks of ten parts.
_BOLD_PARTS = 40
_ESCAPED = re.compile(r"\\(.)")

# Discord may count code points or UTF-16 code units; the latter are never fewer.
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
# Control characters other than white space, lone surrogates (they can't be sent), and characters
# that change the direction of the text after them.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]"
)
_INVISIBLE_AT_ENDS = (
    " \u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064"
    "\u115f\u1160\u3164\uffa0\ufffc"
)
_ZERO_WIDTH_SPACE = "\u200b"
_ZERO_WIDTH_JOINER = "\u200d"

# A backslash escapes any ASCII punctuation. A colon needs it only before another character: `://`
# makes a link, `:name:` an emoji.
_MARKUP = re.compile(r"[\\`*_~|<\[\]]|:(?=\S)")
_MARKUP_AT_START = re.compile(r"[#>+-]|[0-9]+\.")
_MASS_MENTION = re.compile("@(?=everyone|here)", re.IGNORECASE)

# Western text: no character combines with others, so the common case is fast.
_ONE_BY_ONE = re.compile("[\x20-\u02ff\u2010-\u2027\u20ac]*")

_LONGEST_CLUSTER = 32
_LONGEST_BROKEN_WORD = 15


def discord_length(text: str) -> int:
    """The length of `text` in UTF-16 code units, the strictest way in which Discord may count."""
    return len(text) + len(_ASTRAL.findall(text))


def plain(text: str, limit: int) -> str:
    """One line of at most `limit` UTF-16 units, for places where Discord interprets no markup.

    Those are an embed's author and footer, labels, and the names of choices. The result is empty if
    `text` has no visible character. Applying it twice changes nothing.
    """
    return _shortened(_cleaned(text), limit, {})


def escaped(text: str, limit: int) -> str:
    """One line of at most `limit` UTF-16 units that shows `text` literally, with markup escaped.

    For places with markup: content, an embed's title, description and field values. The result is
    empty if `text` has no visible character.
    """
    text = _cleaned(text)
    return _shortened(text, limit, _escapes(text))


def emphasised(line: str, parts: Iterable[tuple[int, int]], limit: int) -> str:
    """A line that shows `line` literally, with parts of it (from, to) in bold.

    `line` is a result of `plain`. If it does not fit `limit` units, it is cut, and nothing is bold:
    half of a pair of asterisks would be worse.
    """
    shown = dict(enumerate(line)) | _escapes(line)
    for start, end in _apart(_visible_parts(line, parts)):
        shown[start] = "**" + shown[start]
        shown[end - 1] += "**"
    whole = "".join(shown.values())
    return whole if discord_length(whole) <= limit else escaped(line, limit)


def bold_in(text: str, find: FindParts, added: int = _BOLD_PARTS) -> str:
    """A result of `escaped` with the parts in bold that `find` finds in its characters.

    They take at most `added` units more; otherwise nothing is bold.
    """
    line = _ESCAPED.sub(r"\1", text)
    return emphasised(line, find(line), discord_length(text) + added)


def masked_link(
    label: str,
    url: str,
    limit: int,
    label_limit: int | None = None,
    *,
    bold: FindParts | None = None,
) -> str:
    """`[label](url)` of at most `limit` units; the label alone if the address is unsafe or long.

    Brackets in a label can't be escaped reliably, so they become parentheses. The host follows a
    label that looks like another address. Parts that `bold` finds in the label are bold, if there
    is room.
    """
    label = label.replace("[", "(").replace("]", ")")
    text = escaped(label, min(label_limit or limit, limit))
    beside = _beside(label, text, url)
    if beside:
        label = without_schemes(label)
        room = max(0, limit - discord_length(beside))
        text = escaped(label, min(label_limit or limit, room))
    address = safe_url(url, limit - discord_length(f"[{text}](){beside}"))
    link = f"[{text}]({address}){beside}" if text and address else text
    if bold is None:
        return link
    marked = bold_in(text, bold, min(_BOLD_PARTS, limit - discord_length(link)))
    return link.replace(text, marked, 1)


def named_beside_host(text: str, url: str | None, limit: int, *, markup: bool = True) -> str:
    """A text that is shown as a link to `url` or next to one, of at most `limit` units.

    The host follows a text that looks like another address. `markup`: Discord interprets it there.
    """
    shorten = escaped if markup else plain
    shown = shorten(text, limit)
    beside = _beside(text, shown, url or "")
    if not beside or not shown:
        return shown
    return shorten(text, max(0, limit - discord_length(beside))) + beside


def _beside(whole: str, shown: str, url: str) -> str:
    """` (host)` if a text, in whole or as it is cut, looks like another address than `url`."""
    if (address := safe_url(url)) is None:
        return ""
    texts = (whole, shown.replace("\\", ""))
    host = next(filter(None, (other_host(each, address) for each in texts)), None)
    return "" if host is None else f" ({escaped(host, discord_length(host) * 2)})"


def relative_time(moment: datetime) -> str:
    """`<t:…:R>`: Discord shows it as "3 hours ago", in the reader's language.

    All ages are written this way, so that the same story has the same age everywhere.
    """
    return f"<t:{floor(moment.timestamp())}:R>"


def exact_time(moment: datetime) -> str:
    """`<t:…:f>`: Discord shows it as "12 March 2026 14:05", in the reader's time zone."""
    return f"<t:{floor(moment.timestamp())}:f>"


def _escapes(line: str) -> dict[int, str]:
    """What replaces the characters of a line that Discord would interpret, by position."""
    escapes = {match.start(): "\\" + match[0] for match in _MARKUP.finditer(line)}
    if at_start := _MARKUP_AT_START.match(line):
        escapes[at_start.end() - 1] = "\\" + at_start[0][-1]
    for mention in _MASS_MENTION.finditer(line):
        escapes[mention.start()] = "@" + _ZERO_WIDTH_SPACE
    return escapes


def _visible_parts(line: str, parts: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The parts that are not empty, extended to whole visible characters."""
    wanted = {position for start, end in parts for position in range(start, min(end, len(line)))}
    for cluster in _clusters(line):
        if not wanted.isdisjoint(cluster) and not line[cluster.start].isspace():
            yield cluster.start, cluster.stop


def _apart(parts: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts in order, joined where they touch: `**a****b**` would show asterisks."""
    joined: list[tuple[int, int]] = []
    for start, end in parts:
        if joined and joined[-1][1] >= start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _cleaned(text: str) -> str:
    """`text` as one line, without characters that can't be sent or would disguise the rest."""
    words = _UNWANTED.sub("", text).replace(BRAILLE_SPACE, " ").split()
    line = " ".join(words).strip(_INVISIBLE_AT_ENDS)
    return "" if is_blank(line) else line


def _shortened(text: str, limit: int, replacements: Mapping[int, str]) -> str:
    """`text` with replacements (by position), cut to `limit` units between visible characters."""
    # Each character is at least one unit, so the rest is cut off in any case.
    text = text[: max(limit, 0) + 1]
    if _ONE_BY_ONE.fullmatch(text):
        characters = list(text)
        for position in replacements.keys() & range(len(text)):
            characters[position] = replacements[position]
        whole = "".join(characters)
        if len(whole) <= limit:
            return whole
    pieces: list[str] = []
    length = 0
    for cluster in _clusters(text):
        piece = "".join(replacements.get(position, text[position]) for position in cluster)
        pieces.append(piece)
        length += discord_length(piece)
    if length <= limit:
        return "".join(pieces)
    if limit < 1:
        return ""
    while pieces and length > limit - len(ELLIPSIS):
        length -= discord_length(pieces.pop())
    for back in range(1, min(_LONGEST_BROKEN_WORD, len(pieces) // 2) + 1):
        if pieces[-back] == " ":
            del pieces[-back:]
            break
    return "".join(pieces).rstrip() + ELLIPSIS


def _clusters(text: str) -> Iterator[range]:
    """The positions of each visible character: with its accents, joined emoji, flags.

    A simplified version of https://unicode.org/reports/tr29/. Excessive accents are dropped.
    """
    start = 0
    for position in range(1, len(text) + 1):
        if position < len(text) and _continues(text, start, position):
            continue
        yield range(start, min(position, start + _LONGEST_CLUSTER))
        start = position


def _continues(text: str, start: int, position: int) -> bool:
    character = text[position]
    if character.isascii():
        return False
    return (
        unicodedata.category(character)[0] == "M"
        or character == _ZERO_WIDTH_JOINER
        or text[position - 1] == _ZERO_WIDTH_JOINER
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= character <= "\U000e007f"  # tags of regional flags
        or (_is_flag_letter(character) and position - start == 1 and _is_flag_letter(text[start]))
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
