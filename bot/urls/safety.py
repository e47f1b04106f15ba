"""Which web addresses may be shown, linked to or requested; addresses in log messages. Pure."""

import re
from urllib.parse import quote, urlsplit

from yarl import URL

from bot.urls.normalise import ASCII_HOST, MAX_HOST, normalise_address

# The longest address that is accepted anywhere. Discord rejects longer ones:
# https://discord.com/developers/docs/resources/message#embed-object, as observed.
MAX_LENGTH = 2048
MAX_REDACTED_LENGTH = 200
MAX_LABEL = 63  # https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4

_ADDRESS = re.compile(
    # Both cases of each letter, because a pattern that ignores case takes U+017F for an s.
    r"[Hh][Tt][Tt][Pp][Ss]?://(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/?#\\@:\[\]<>\"'`%]+)(?P<port>:[0-9]{1,5})?"
    # No white space, control characters, quotes, brackets that end a link, or direction marks.
    r"(?:[/?#][^\s\x00-\x20\x7f-\x9f<>\"`\\\xad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\ud800-\udfff]*)?"
)
_DOTTED_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+", re.IGNORECASE)
_STRAY_PERCENT = re.compile("%(?![0-9a-fA-F]{2})")
# Characters that are not percent-encoded. Those that could end or change a Markdown link are.
_UNQUOTED = "-._~:/?@!$&'+,;=%"


def parse_web_address(text: str) -> str | None:
    """Return the stripped address if it is safe to show and to link to, else None.

    Safe means: http or https, a host, no user or password, no spaces or control characters.
    """
    address = text.strip()
    if len(address) > MAX_LENGTH or (match := _ADDRESS.fullmatch(address)) is None:
        return None
    host = match["host"]
    if len(host) <= MAX_HOST and ASCII_HOST.fullmatch(host) and match["port"] is None:
        return address
    # An international host name, an IPv6 address or a port: yarl checks them.
    try:
        normalise_address(address)
    except ValueError:
        return None
    return address


def safe_url(url: str, limit: int = MAX_LENGTH) -> str | None:
    """Return the address percent-encoded, so that it is pure ASCII and contains no markup, or None.

    None unless it is http or https, has no user (`https://bank.example@evil.example`), has a host
    with a dot in its name, and is at most `limit` characters long.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").encode("idna").decode("ascii")
        safe = f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port is not None else "")
        safe += _percent_encode(parts.path)
        safe += f"?{_percent_encode(parts.query)}" if parts.query else ""
        safe += f"#{_percent_encode(parts.fragment)}" if parts.fragment else ""
    except ValueError:  # includes UnicodeError
        return None
    if (
        parts.scheme not in {"http", "https"}
        or "@" in parts.netloc
        or not _DOTTED_HOST.fullmatch(host)
    ):
        return None
    return safe if len(safe) <= limit else None


def problem_with_web_address(address: str) -> str | None:
    """Return why an address can't be requested, without quoting it; None if it can.

    `parse_web_address` is for addresses that readers see; this function is for addresses in the
    settings and for redirects. Whether the host is on a private network is checked elsewhere.
    """
    if not address.startswith(("https://", "http://")):
        return "does not begin with https:// or http://"
    if len(address) > MAX_LENGTH or not address.isprintable() or " " in address:
        return "is too long, or contains spaces or non-printable characters"
    try:
        url = URL(address)
        host, port = url.raw_host, url.port
    except (ValueError, IndexError):  # yarl raises IndexError for "https://[v1.x]@/"
        return "is not a web address"
    if "@" in re.split(r"[/?#\\]", address.partition("://")[2], maxsplit=1)[0]:
        return "contains a user name or password; remove it"
    if not host or not port:
        return "has no host"
    if not all(0 < len(label) <= MAX_LABEL for label in host.removesuffix(".").split(".")):
        return "has an invalid host name"
    return None


def redact_address(address: str) -> str:
    """Return an address without secrets, on one line, for messages and source names.

    It has no user, no password and no query values, because feed addresses often contain tokens,
    and at most `MAX_REDACTED_LENGTH` characters.
    """
    printable = "".join(char if char.isprintable() else "_" for char in address)
    scheme, separator, rest = printable.partition("://")
    target, question_mark, query = rest.partition("?")
    authority, slash, path = target.partition("/")
    host = authority.rpartition("@")[2]
    redacted = f"{scheme}{separator}{host}{slash}{path}" if separator else printable
    if separator and question_mark:
        parameters = (text.partition("=") for text in query.partition("#")[0].split("&"))
        # A parameter without a value may be a token.
        redacted += "?" + "&".join(f"{name}=…" if equals else "…" for name, equals, _ in parameters)
    if len(redacted) <= MAX_REDACTED_LENGTH:
        return redacted
    return f"{redacted[: MAX_REDACTED_LENGTH - 1]}…"


def _percent_encode(part: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe=_UNQUOTED)
