"""Which web addresses may be shown, linked to or requested. Pure."""

import re
import unicodedata
from urllib.parse import quote, unquote_to_bytes, urlsplit

from bot.urls.hosts import (
    ASCII_HOST,
    MAX_HOST,
    MAX_LABEL,
    NumericHostError,
    ascii_host,
    parse_url,
)
from bot.urls.normalise import normalise_address
from bot.visible_text import is_visible

# The longest address that is accepted anywhere. Discord rejects longer ones:
# https://discord.com/developers/docs/resources/message#embed-object, as observed.
MAX_LENGTH = 2048
# A letter takes up to nine characters when it is percent-encoded.
LONGEST_ENCODED = 9 * MAX_LENGTH
# The end of a sentence about an address.
NUMERIC_HOST = "has a numeric host in an unusual form; write it like 192.0.2.1 or [2001:db8::1]"

_ADDRESS = re.compile(
    # Both cases of each letter, because a pattern that ignores case takes U+017F for an s.
    r"[Hh][Tt][Tt][Pp][Ss]?://(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/?#\\@:\[\]<>\"'`%]+)(?P<port>:[0-9]{1,5})?"
    # No white space, control characters, quotes, brackets that end a link, or direction marks.
    r"(?:[/?#][^\s\x00-\x20\x7f-\x9f<>\"`\\\xad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\ud800-\udfff]*)?"
)
_DOTTED_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+", re.IGNORECASE)
_EMBEDDABLE_HOST = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+(?=[:/?#]|\Z)"
)
# Of a part between `//` and the path. There is nothing to decode in a host, so `%` is an error.
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^\[\]:%]+)(?::[0-9]{0,5})?")
_STRAY_PERCENT = re.compile("%(?![0-9a-fA-F]{2})")
# Two or more bytes of UTF-8, percent-encoded.
_ENCODED_TEXT = re.compile("(?:%[89A-Fa-f][0-9A-Fa-f]){2,}")
# Characters that are not percent-encoded. Those that could end or change a Markdown link are.
_UNQUOTED = "-._~:/?@!$&'+,;=%"


def parse_web_address(text: str) -> str | None:
    """Return the stripped address if it is safe to show and to link to, else None.

    Safe means: http or https, a host, no user or password, no spaces or control characters. The
    letters of an address that is too long because they are percent-encoded are decoded.
    """
    address = _within_limit(text.strip())
    if len(address) > MAX_LENGTH or (match := _ADDRESS.fullmatch(address)) is None:
        return None
    host = match["host"]
    try:
        ascii_host(host)
        if len(host) <= MAX_HOST and ASCII_HOST.fullmatch(host) and match["port"] is None:
            return address
        # An international host name, an IPv6 address or a port: yarl checks them.
        normalise_address(address)
    except ValueError:
        return None
    return address


def safe_url(url: str, limit: int = MAX_LENGTH) -> str | None:
    """Return an address of at most `limit` characters that contains no markup, or None.

    It is percent-encoded, and so pure ASCII; but if that is longer than `limit`, letters of other
    scripts are not encoded: an encoded letter is up to nine times as long.
    None unless it is http or https, has no user (`https://bank.example@evil.example`), and has a
    host with a dot in its name.
    """
    try:
        parts = urlsplit(url.strip())
        host = ascii_host(parts.hostname or "").removesuffix(".")
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
    safe = safe if len(safe) <= limit else _decode_letters(safe)
    return safe if len(safe) <= limit else None


def embeddable_url(url: str, limit: int = MAX_LENGTH) -> str | None:
    """Return an address that Discord accepts in a field for addresses, or None.

    Those are the fields of embeds and link buttons. Discord's API description has pure ASCII there,
    and hosts may have letters, digits and hyphens only. A link in a text may have more: `safe_url`.
    """
    safe = safe_url(url, limit)
    return safe if safe and safe.isascii() and _EMBEDDABLE_HOST.match(safe) else None


def problem_with_web_address(address: str) -> str | None:
    """Return why an address can't be requested, without quoting it; None if it can.

    `parse_web_address` is for addresses that readers see; this function is for addresses in the
    settings and for redirects. Whether the host is on a private network is checked elsewhere.
    """
    if not address.startswith(("https://", "http://")):
        return "does not begin with https:// or http://"
    if len(address) > MAX_LENGTH or not address.isprintable() or " " in address:
        return "is too long, or contains spaces or non-printable characters"
    authority = re.split(r"[/?#\\]", address.partition("://")[2], maxsplit=1)[0]
    if "@" in authority:
        return "contains a user name or password; remove it"
    if not authority:
        return "has no host"
    return _problem_with_host(address, authority)


def _problem_with_host(address: str, authority: str) -> str | None:
    match = _AUTHORITY.fullmatch(authority)
    try:
        host = ascii_host(match["host"] if match else "")
        url = parse_url(address)
        # What is checked here is what will be requested.
        if host != ascii_host(url.raw_host or "") or url.port is None:
            return "is not a web address"
    except NumericHostError:
        return NUMERIC_HOST
    except (ValueError, IndexError):  # yarl raises IndexError for "https://[v1.x]@/"
        return "is not a web address"
    if ":" in host:
        return None
    if not all(0 < len(label) <= MAX_LABEL for label in host.removesuffix(".").split(".")):
        return "has an invalid host name"
    return None


def _percent_encode(part: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe=_UNQUOTED)


def _within_limit(address: str) -> str:
    """Decode the letters of an address that is longer than `MAX_LENGTH` only because of them."""
    if MAX_LENGTH < len(address) <= LONGEST_ENCODED and address.isascii():
        return _decode_letters(address)
    return address


def _decode_letters(url: str) -> str:
    """Decode the percent-encoded letters, digits and accents of any script.

    https://www.rfc-editor.org/rfc/rfc3987#section-3.2. All else stays encoded, and so do characters
    that Discord may count twice (beyond the basic plane).
    """

    def decode(encoded: re.Match[str]) -> str:
        try:
            text = unquote_to_bytes(encoded[0]).decode()
        except UnicodeDecodeError:
            return encoded[0]
        return "".join(char if _is_short_letter(char) else quote(char, safe="") for char in text)

    return _ENCODED_TEXT.sub(decode, url)


def _is_short_letter(char: str) -> bool:
    category = unicodedata.category(char)[0]
    return char <= "\uffff" and (category == "M" or (category in "LN" and is_visible(char)))
