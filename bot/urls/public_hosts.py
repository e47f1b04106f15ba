"""Which numeric addresses belong to the public internet. Pure."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# Networks whose addresses embed an IPv4 address: those of NAT64
# (https://www.rfc-editor.org/rfc/rfc6052), and the deprecated "IPv4-compatible" ones
# (https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.1).
_EMBEDDING = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
# Older Python versions count these as global: https://www.rfc-editor.org/rfc/rfc8215 and
# https://www.rfc-editor.org/rfc/rfc3879.
_NOT_PUBLIC = (IPv6Network("64:ff9b:1::/48"), IPv6Network("fec0::/10"))
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")


def is_public(address: str) -> bool:
    """Whether a numeric address belongs to the public internet.

    An IPv6 address that embeds an IPv4 address (mapped, translated, 6to4) is judged by the latter.
    Raises `ValueError` for anything but a numeric address.
    """
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv6Address):
        if any(parsed in network for network in _NOT_PUBLIC):
            return False
        parsed = _embedded(parsed) or parsed
    return parsed.is_global and not parsed.is_multicast


def is_private_literal(host: str) -> bool:
    """Whether a host is a numeric address outside the public internet; False for names.

    Short, octal and hexadecimal forms of IPv4 addresses (`127.1`, `0177.0.0.1`, `0x7f000001`) are
    private, whatever they mean: no feed is published there, and libraries disagree on them.
    """
    try:
        return not is_public(host)
    except ValueError:
        # https://url.spec.whatwg.org/#ends-in-a-number-checker
        return _NUMBER.fullmatch(host.removesuffix(".").rpartition(".")[2]) is not None


def _embedded(address: IPv6Address) -> IPv4Address | None:
    if any(address in network for network in _EMBEDDING):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
