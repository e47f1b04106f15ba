"""Which web addresses may be shown, linked to or requested, and how a message shows one. Pure."""

import re
from urllib.parse import quote, urlsplit

from yarl import URL

from bot.urls.normalise import ASCII_HOST, MAX_HOST, normalise_address

# The longest address that is accepted anywhere. Discord takes no longer ones:
# https://discord.com/developers/docs/resources/message#embed-object, as observed.
MAX_LENGTH = 2048
MAX_SHOWN = 200
MAX_LABEL = 63  # https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4

_ADDRESS = re.compile(
    # Letter by letter: to a pattern that ignores case, U+017F is an s.
    r"[Hh][Tt][Tt][Pp][Ss]?://(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/?#\\@:\[\]<>\"'`%]+)(?P<port>:[0-9]{1,5})?"
    # No white space, control characters, quotes, brackets that end a link, or direction marks.
    r"(?:[/?#][^\s\x00-\x20\x7f-\x9f<>\"`\\\xad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\ud800-\udfff]*)?"
)
_DOTTED_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+", re.IGNORECASE)
_STRAY_PERCENT = re.compile("%(?![0-9a-fA-F]{2})")
# What may stay as it is. Left out: what ends or bends a Markdown link.
_UNQUOTED = "-._~:/?@!$&'+,;=%"


def parse_web_address(text: str) -> str | None:
    """The address, stripped but otherwise as given, if it is safe to show and to link; else None.

    Safe means: http or https, a host, no user or password, no spaces or control characters.
    """
    address = text.strip()
    if len(address) > MAX_LENGTH or (match := _ADDRESS.fullmatch(address)) is None:
        return None
    host = match["host"]
    if len(host) <= MAX_HOST and ASCII_HOST.fullmatch(host) and match["port"] is None:
        return address
    # An international name, an IPv6 address or a port: yarl knows their rules.
    try:
        normalise_address(address)
    except ValueError:
        return None
    return address


def safe_url(url: str, limit: int = MAX_LENGTH) -> str | None:
    """The address, percent-encoded so that it is pure ASCII and contains no markup, or None.

    None unless it is http or https, without a user (`https://bank.example@evil.example`), on a host
    with a dot in its name, and at most `limit` characters long.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").encode("idna").decode("ascii")
        safe = f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port is not None else "")
        safe += _encoded(parts.path)
        safe += f"?{_encoded(parts.query)}" if parts.query else ""
        safe += f"#{_encoded(parts.fragment)}" if parts.fragment else ""
    except ValueError:  # UnicodeError among them
        return None
    if (
        parts.scheme not in {"http", "https"}
        or "@" in parts.netloc
        or not _DOTTED_HOST.fullmatch(host)
    ):
        return None
    return safe if len(safe) <= limit else None


def problem_with_web_address(address: str) -> str | None:
    """Why an address can't be requested, in words that don't repeat it; None if it can.

    `parse_web_address` is for addresses that readers see; this function is for addresses in the
    settings and for redirects. Whether the host is on a private network is checked elsewhere.
    """
    if not address.startswith(("https://", "http://")):
        return "does not begin with https:// or http://"
    if len(address) > MAX_LENGTH or not address.isprintable() or " " in address:
        return "is too long, or holds spaces or signs that can't be seen"
    try:
        url = URL(address)
        host, port = url.raw_host, url.port
    except (ValueError, IndexError):  # IndexError: the library's own, for "https://[v1.x]@/"
        return "is no web address"
    if "@" in re.split(r"[/?#\\]", address.partition("://")[2], maxsplit=1)[0]:
        return "holds a name or password; leave it out"
    if not host or not port:
        return "names no host"
    if not all(0 < len(label) <= MAX_LABEL for label in host.removesuffix(".").split(".")):
        return "names a host that can't be"
    return None


def redact_address(address: str) -> str:
    """An address for messages and names: one line, at most `MAX_SHOWN` characters, no secrets.

    User and password are left out, and so are the values of a query: feed addresses often contain
    tokens.
    """
    printable = "".join(each if each.isprintable() else "_" for each in address)
    scheme, mark, rest = printable.partition("://")
    place, query_mark, query = rest.partition("?")
    authority, slash, path = place.partition("/")
    shown = f"{scheme}{mark}{authority.rpartition('@')[2]}{slash}{path}" if mark else printable
    if mark and query_mark:
        values = (value.partition("=") for value in query.partition("#")[0].split("&"))
        # A value without a name may be a token.
        shown += "?" + "&".join(f"{name}=…" if equals else "…" for name, equals, _ in values)
    return shown if len(shown) <= MAX_SHOWN else f"{shown[: MAX_SHOWN - 1]}…"


def _encoded(part: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe=_UNQUOTED)
