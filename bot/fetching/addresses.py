"""Which web addresses may be asked, and which machines may be behind them. Pure."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from yarl import URL

MAX_LENGTH = 2048
# IPv4 addresses as a translating network writes them (https://www.rfc-editor.org/rfc/rfc6052),
# and as they were written once (https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.1).
_HIDING = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))


def problem_with_address(address: str) -> str | None:
    """What is wrong with a web address, in words that don't repeat it; None if it can be asked."""
    if not address.startswith(("https://", "http://")):
        return "does not begin with https:// or http://"
    if len(address) > MAX_LENGTH or not address.isprintable() or " " in address:
        return "is too long, or holds spaces or signs that can't be seen"
    try:
        url = URL(address)
        host, port = url.host, url.port
    except ValueError:
        return "is no web address"
    if "@" in re.split(r"[/?#\\]", address.partition("://")[2], maxsplit=1)[0]:
        return "holds a name or password; leave it out"
    return None if host and port else "names no host"


def is_public(address: str) -> bool:
    """Whether a numeric address belongs to the open internet.

    One that hides an IPv4 address (mapped, translated, 6to4) is judged by what it hides.
    """
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv6Address):
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
