"""Normalised web addresses: equal if they mean the same page. Pure."""

from collections.abc import Sequence

from yarl import URL

from bot.urls.hosts import ASCII_HOST, MAX_HOST, parse_url
from bot.urls.tracking import identifying_parameters, path_without_session

_DEFAULT_PORTS = frozenset({80, 443})
# What versions up to 0.2 left out, besides names that begin with `utm_`.
_OMITTED_BEFORE = frozenset(
    {
        *("gclid", "dclid", "gbraid", "wbraid", "fbclid", "msclkid", "yclid", "twclid", "igshid"),
        *("mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "ref_src", "ref_url", "cmpid"),
    }
)


def normalise_address(address: str) -> str:
    """Return a form that is equal for all addresses of the same page; for comparison, not display.

    The scheme becomes https. `www.` is dropped, since sites use both names for the same pages, and
    so are default ports, fragments, tracking parameters, ids of sessions and trailing slashes.
    Parameters are sorted. Raises `ValueError` if the text is not an address with a host.
    """
    url = parse_url(address)
    host = _normalise_host(url.raw_host or "")
    path, query = path_without_session(url.raw_path), url.raw_query_string
    return _join(url, host, path, query and identifying_parameters(host, query))


def normalised_forms(address: str) -> Sequence[str]:
    """Return the normalised address and, if it differs, what versions up to 0.2 stored for it.

    An article has both, so that it is found under what an earlier version stored. Raises
    `ValueError`.
    """
    normalised = normalise_address(address)
    if "?" not in address and ";" not in address and "(" not in address:
        return (normalised,)
    url = parse_url(address)
    parameters = (
        parameter
        for parameter in url.raw_query_string.split("&")
        if parameter and not _was_omitted(parameter.partition("=")[0].lower())
    )
    host = _normalise_host(url.raw_host or "")
    before = _join(url, host, url.raw_path, "&".join(sorted(parameters)))
    return (normalised,) if before == normalised else (normalised, before)


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


def _join(url: URL, host: str, path: str, query: str) -> str:
    port = "" if url.explicit_port in {None, *_DEFAULT_PORTS} else f":{url.explicit_port}"
    return f"https://{host}{port}{path.rstrip('/') or '/'}" + (f"?{query}" if query else "")


def _was_omitted(parameter: str) -> bool:
    return parameter.startswith("utm_") or parameter in _OMITTED_BEFORE
