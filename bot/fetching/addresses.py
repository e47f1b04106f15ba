"""Which web addresses may be asked, and which machines may be behind them. Pure."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from yarl import URL

MAX_LENGTH = 2048
MAX_SHOWN = 200
MAX_LABEL = 63  # https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4
# IPv4 addresses as a translating network writes them (https://www.rfc-editor.org/rfc/rfc6052),
# and as they were written once (https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.1).
_HIDING = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
# Older Pythons take these for public: https://www.rfc-editor.org/rfc/rfc8215 and
# https://www.rfc-editor.org/rfc/rfc3879.
_NOT_PUBLIC = (IPv6Network("64:ff9b:1::/48"), IPv6Network("fec0::/10"))


def problem_with_address(address: str) -> str | None:
    """What is wrong with a web address, in words that don't repeat it; None if it can be asked."""
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


def shown_address(address: str) -> str:
    """An address for messages and names: on one line, not endless, without what may be a secret.

    Of a query only the names of its values are shown: many a feed's address holds a token.
    """
    printable = "".join(each if each.isprintable() else "_" for each in address)
    scheme, mark, rest = printable.partition("://")
    place, query_mark, query = rest.partition("?")
    authority, slash, path = place.partition("/")
    shown = f"{scheme}{mark}{authority.rpartition('@')[2]}{slash}{path}" if mark else printable
    if mark and query_mark:
        values = (value.partition("=") for value in query.partition("#")[0].split("&"))
        # What has no name may be a token.
        shown += "?" + "&".join(f"{name}=…" if equals else "…" for name, equals, _ in values)
    return shown if len(shown) <= MAX_SHOWN else f"{shown[: MAX_SHOWN - 1]}…"


def is_public(address: str) -> bool:
    """Whether a numeric address belongs to the open internet.

    One that hides an IPv4 address (mapped, translated, 6to4) is judged by what it hides.
    """
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv6Address):
        if any(parsed in network for network in _NOT_PUBLIC):
            return False
        parsed = _hidden(parsed) or parsed
    return parsed.is_global and not parsed.is_multicast


def is_refused_literal(host: str) -> bool:
    """Whether a host is a numeric address outside of the open internet; names are not."""
    try:
        return not is_public(host)
    except ValueError:
        return False


def _hidden(address: IPv6Address) -> IPv4Address | None:
    if any(address in network for network in _HIDING):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
