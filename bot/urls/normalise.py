"""Normalised web addresses: equal if they mean the same page. Pure."""

from bot.urls.hosts import ASCII_HOST, MAX_HOST, parse_url

_DEFAULT_PORTS = frozenset({80, 443})
# Newsletters, advertisements and social networks append these; they don't identify a page.
_TRACKING = frozenset(
    {
        *("gclid", "dclid", "gbraid", "wbraid", "fbclid", "msclkid", "yclid", "twclid", "igshid"),
        *("mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "ref_src", "ref_url", "cmpid"),
    }
)


def normalise_address(address: str) -> str:
    """Return a form that is equal for all addresses of the same page; for comparison, not display.

    The scheme becomes https. `www.` is dropped, since sites use both names for the same pages, and
    so are default ports, fragments, tracking parameters and trailing slashes. Parameters are
    sorted. Raises `ValueError` if the text is not an address with a host.
    """
    url = parse_url(address)
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


def comparable_address(address: str) -> str:
    """Like `normalise_address`, but returns an invalid address unchanged."""
    try:
        return normalise_address(address)
    except ValueError:
        return address


def is_front_page(normalised: str) -> bool:
    """Whether a normalised address is a site's front page and so can't identify an article."""
    return normalised.endswith("/") and "?" not in normalised


def _normalise_host(host: str) -> str:
    if ":" in host:
        return f"[{host.lower()}]"
    host = host.lower().rstrip(".")
    while host.startswith("www.") and host.count(".") > 1:
        host = host.removeprefix("www.")
    if len(host) > MAX_HOST or ASCII_HOST.fullmatch(host) is None:
        raise ValueError("the address has no valid host")
    return host


def _is_tracking(parameter: str) -> bool:
    return parameter.startswith("utm_") or parameter in _TRACKING
