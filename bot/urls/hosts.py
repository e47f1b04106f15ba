"""Hosts: which spellings are accepted, and international names in their ASCII form. Pure.

A numeric address has one accepted spelling, because programs disagree on the others: `127.1`,
`0177.0.0.1` and `2130706433` are an address to one library and a name to another, so a check by one
does not hold for a connection by the other. `ascii_host` refuses them for every address that is
requested or shown.

As browsers have them: mapped by UTS 46 and encoded by IDNA 2008, so `straße.de` is not
`strasse.de`: https://www.unicode.org/reports/tr46/#Deviations. yarl and Python's own codec use
IDNA 2003 for names with a character that IDNA 2008 does not allow.
"""

import re
from ipaddress import IPv6Address

import idna
from yarl import URL

MAX_HOST = 253  # https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4, as text
MAX_LABEL = 63  # the same

ASCII_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?", re.IGNORECASE | re.ASCII)
_HOST = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//(?:[^/?#\\]*@)?(?P<host>[^/?#\\@:\[\]]*)")
_JOINERS = re.compile("[\u200c\u200d]")
# https://www.rfc-editor.org/rfc/rfc3986#section-3.2.2: no zeros before a number.
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!\Z)|\Z)){4}", re.ASCII)
_IPV6 = re.compile(r"[0-9A-Fa-f:.]+")
_HEXADECIMAL = re.compile(r"0[xX][0-9A-Fa-f]*")


class NumericHostError(ValueError):
    """A numeric address is not written in the accepted form."""


def ascii_host(host: str) -> str:
    """Return a host in its ASCII form and in lower case; an IPv6 address may have brackets.

    Raises `ValueError` if it has none, and `NumericHostError` for numeric addresses in any form but
    IPv4's four decimal numbers and IPv6 without a zone.
    """
    if ":" in host or host.startswith("["):
        return _ipv6(host[1:-1] if host.startswith("[") else host)
    if host.isascii():
        mapped = encoded = host.lower()
    else:
        # `idna` raises UnicodeError, which is a ValueError.
        mapped = idna.uts46_remap(host, std3_rules=False)
        encoded = ".".join(map(_ascii_label, mapped.split(".")))
        if len(encoded) > MAX_HOST + 1 or ASCII_HOST.fullmatch(encoded) is None:
            raise ValueError("the address has no valid host")
    if ends_in_number(mapped) and _IPV4.fullmatch(host) is None:
        raise NumericHostError("the host is a number in an unusual form")
    return encoded


def ends_in_number(host: str) -> bool:
    """Whether a host is a numeric address to browsers, in whatever form.

    https://url.spec.whatwg.org/#ends-in-a-number-checker; here also with digits of other scripts.
    """
    last = host.rstrip(".").rpartition(".")[2]
    return last.isdigit() or _HEXADECIMAL.fullmatch(last) is not None


def _ipv6(host: str) -> str:
    # Python accepts zones (`fe80::1%eth0`), which are different networks on different machines.
    if _IPV6.fullmatch(host) is None:
        raise NumericHostError("the host is a number in an unusual form")
    try:
        return str(IPv6Address(host))
    except ValueError as error:
        raise NumericHostError("the host is not an IPv6 address") from error


def parse_url(address: str) -> URL:
    """Return an address as yarl's URL, with its host encoded by `ascii_host`.

    Raises `ValueError`, or whatever else yarl raises.
    """
    match = _HOST.match(address)
    if match is not None and not match["host"].isascii():
        before, after = address[: match.start("host")], address[match.end("host") :]
        address = before + ascii_host(match["host"]) + after
    return URL(address)


def _ascii_label(label: str) -> str:
    if label.isascii():
        return label
    try:
        return idna.alabel(label).decode("ascii")
    except idna.InvalidCodepoint:
        # Such as an emoji or an underscore: browsers accept them, IDNA 2008 does not.
        if _JOINERS.search(label):
            raise
        return f"xn--{label.encode('punycode').decode('ascii')}"
