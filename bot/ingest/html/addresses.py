"""Addresses in HTML and feeds, with the mistakes of those who write them corrected. Pure."""

import re

from bot.urls.browser import join_address

# What is written by systems that have no address.
_NO_ADDRESS = frozenset({"#", "-", "/#", "n/a", "na", "none", "null", "nil", "undefined", "false"})
# Two schemes, and a host without a scheme.
_DOUBLE_SCHEME = re.compile(r"\A(?:https?:/*)+(?=https?:)", re.IGNORECASE)
_WWW = re.compile(r"www\.", re.IGNORECASE)
# An ampersand that was escaped more than once.
_AMPERSAND = re.compile(r"&(?:(?:amp|#0*38|#x0*26);)+", re.IGNORECASE)


def resolve(base: str, address: str) -> str:
    """Return an address as `join_address` does, with mistakes of publishing systems corrected."""
    address = _AMPERSAND.sub("&", address.strip())
    if address.lower() in _NO_ADDRESS:
        return ""
    if _WWW.match(address):
        address = f"//{address}"
    return join_address(base, _DOUBLE_SCHEME.sub("", address))
