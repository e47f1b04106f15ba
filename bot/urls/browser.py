"""Addresses as browsers read them: repaired, and resolved against the page that has them. Pure.

The rules are those of https://url.spec.whatwg.org, applied by Ada, the parser of Node.js.
"""

import re

from bot.urls.safety import parse_web_address

# Invisible characters that text editors leave around an address; `str.strip` does not know them.
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060"
_IPV4 = re.compile(r"https?://([0-9.]+)(?![^:/?#])")
# The standard leaves these two as they are in some parts; they could end or change a link.
_ESCAPES = str.maketrans({"\\": "%5C", "`": "%60"})


def join_address(base: str, address: str) -> str:
    """Return the address that a browser opens for a link on the page `base`, or an empty string.

    The result is one that `parse_web_address` accepts: http or https, without a user. An empty
    address links to nothing. An invalid base, or an empty one, has no influence on an address that
    is complete.
    """
    # 4 MB and 12 ms that only the processes that read feeds and APIs need.
    import ada_url  # noqa: PLC0415

    address = _strip(address)
    if not address:
        return ""
    for page in (_strip(base), None):
        try:
            joined = ada_url.URL(address, page).href
        except ValueError:  # includes UnicodeError
            continue
        parsed = parse_web_address(joined.translate(_ESCAPES)) or ""
        return parsed if _has_usual_host(parsed, address, page) else ""
    return ""


def _has_usual_host(joined: str, address: str, page: str | None) -> bool:
    """Whether a numeric host is written as in the result: see `bot.urls.hosts`.

    The parser accepts `127.1` and the like, too, and turns them into `127.0.0.1`.
    """
    match = _IPV4.match(joined)
    if match is None:
        return True
    written = re.compile(rf"(?<![\w.]){re.escape(match[1])}(?![\w.%])")
    return any(written.search(text) for text in (address, page or ""))


def _strip(address: str) -> str:
    """Remove what surrounds an address; replace lone surrogates, as browsers do."""
    stripped = address.strip().strip(_INVISIBLE).strip()
    if stripped.isascii():
        return stripped
    return stripped.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
