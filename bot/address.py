"""Web addresses: which are safe to show, and which of them mean the same page."""

from __future__ import annotations

import re

from yarl import URL

MAX_LENGTH = 2048  # https://discord.com/developers/docs/resources/message#embed-object, as observed
MAX_HOST = 253  # https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4, as text

_ADDRESS = re.compile(
    # Letter by letter: to a pattern that ignores case, U+017F is an s.
    r"[Hh][Tt][Tt][Pp][Ss]?://(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/?#\\@:\[\]<>\"'`%]+)(?P<port>:[0-9]{1,5})?"
    # No white space, control characters, quotes, brackets that end a link, or turning marks.
    r"(?:[/?#][^\s\x00-\x20\x7f-\x9f<>\"`\\\xad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\ud800-\udfff]*)?"
)
_ASCII_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?", re.IGNORECASE | re.ASCII)
_DEFAULT_PORTS = frozenset({80, 443})
# What newsletters, advertisements and social networks append; it names the reader's way, no page.
_TRACKING = frozenset(
    {
        *("gclid", "dclid", "gbraid", "wbraid", "fbclid", "msclkid", "yclid", "twclid", "igshid"),
        *("mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "ref_src", "ref_url", "cmpid"),
    }
)


def web_address(text: str) -> str | None:
    """The address as given if it is safe to show and to link, else None.

    Safe means: http or https, a host, no user or password, no spaces or control characters.
    """
    address = text.strip()
    if len(address) > MAX_LENGTH or (match := _ADDRESS.fullmatch(address)) is None:
        return None
    host = match["host"]
    if len(host) <= MAX_HOST and _ASCII_HOST.fullmatch(host) and match["port"] is None:
        return address
    # An international name, an IPv6 address or a port: yarl knows their rules.
    try:
        normalise_address(address)
    except ValueError:
        return None
    return address


def normalise_address(address: str) -> str:
    """The form in which two addresses of the same page are equal; never shown, only compared.

    http counts as https, `www.` is dropped (sites answer on both names; two different sites on
    them are unheard of), and so are default ports, fragments, tracking parameters, the order of
    the others, and a slash at the end. Raises `ValueError` for what is no address.
    """
    url = URL(address)
    host = _normalise_host(url.raw_host or "")
    port = "" if url.explicit_port in {None, *_DEFAULT_PORTS} else f":{url.explicit_port}"
    path = url.raw_path.rstrip("/") or "/"
    query = "&".join(
        sorted(
            parameter
            for parameter in url.raw_query_string.split("&")
            if parameter and not _is_tracking(parameter.partition("=")[0].lower())
        )
    )
    return f"https://{host}{port}{path}" + (f"?{query}" if query else "")


def is_front_page(normalised: str) -> bool:
    """Whether a normalised address names a whole site, so that it can't name an article."""
    return normalised.endswith("/") and "?" not in normalised


def _normalise_host(host: str) -> str:
    if ":" in host:
        return f"[{host.lower()}]"
    host = host.lower().rstrip(".")
    while host.startswith("www.") and host.count(".") > 1:
        host = host.removeprefix("www.")
    if len(host) > MAX_HOST or _ASCII_HOST.fullmatch(host) is None:
        raise ValueError("the address has no usable host")
    return host


def _is_tracking(parameter: str) -> bool:
    return parameter.startswith("utm_") or parameter in _TRACKING
