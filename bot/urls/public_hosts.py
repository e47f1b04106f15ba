"""Which numeric addresses belong to the public internet. Pure."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from bot.urls.hosts import ascii_host, ends_in_number, parse_url

# Networks whose addresses embed an IPv4 address: those of NAT64
# (https://www.rfc-editor.org/rfc/rfc6052), and the deprecated "IPv4-compatible" ones
# (https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.1).
_EMBEDDING = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
# Older Python versions count these as global: https://www.rfc-editor.org/rfc/rfc8215 and
# https://www.rfc-editor.org/rfc/rfc3879.
_NOT_PUBLIC = (IPv6Network("64:ff9b:1::/48"), IPv6Network("fec0::/10"))
HTTP_PORT, HTTPS_PORT = 80, 443


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

    Unusual forms of IPv4 addresses (`127.1`), which `ascii_host` refuses, are private, too.
    """
    try:
        return not is_public(host)
    except ValueError:
        return ends_in_number(host)


def is_same_server(named: str, address: str) -> bool:
    """Whether an address is on the server of another one: the same host and the same port.

    A named http server on the default port is also the https server on its default port, because
    many redirect there. Permissions for the named address hold for the other one, too.
    """
    try:
        here, there = (_server(each) for each in (named, address))
    except (ValueError, IndexError):  # yarl raises IndexError for some addresses
        return False
    return here == there or (here[1], there) == (HTTP_PORT, (here[0], HTTPS_PORT))


def _server(address: str) -> tuple[str, int | None]:
    url = parse_url(address)
    return ascii_host(url.raw_host or "").removesuffix("."), url.port


def _embedded(address: IPv6Address) -> IPv4Address | None:
    if any(address in network for network in _EMBEDDING):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
