"""Names of hosts: international ones in their ASCII form. Pure.

As browsers have them: mapped by UTS 46 and encoded by IDNA 2008, so `straße.de` is not
`strasse.de`: https://www.unicode.org/reports/tr46/#Deviations. yarl and Python's own codec use
IDNA 2003 for names with a character that IDNA 2008 does not allow.
"""

import re

import idna
from yarl import URL

MAX_HOST = 253  # https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4, as text
MAX_LABEL = 63  # the same

ASCII_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?", re.IGNORECASE | re.ASCII)
_HOST = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//(?:[^/?#\\]*@)?(?P<host>[^/?#\\@:\[\]]*)")
_JOINERS = re.compile("[\u200c\u200d]")


def ascii_host(host: str) -> str:
    """Return a host in its ASCII form and in lower case. Raises `ValueError` if it has none."""
    if host.isascii():
        return host.lower()
    # `idna` raises UnicodeError, which is a ValueError.
    mapped = idna.uts46_remap(host, std3_rules=False)
    encoded = ".".join(map(_ascii_label, mapped.split(".")))
    if len(encoded) > MAX_HOST + 1 or ASCII_HOST.fullmatch(encoded) is None:
        raise ValueError("the address has no valid host")
    return encoded


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
