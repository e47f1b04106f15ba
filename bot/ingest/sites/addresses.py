"""Makes addresses within a site complete. Pure."""

from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit


def join_to_site(base_url: str | None, address: str) -> str:
    """Return the address of a page of the site at `base_url`.

    `/notes/lake/` is below the base address even if that has a path, because generators leave the
    path out of the addresses of their pages.
    """
    if base_url is None or _is_complete(address):
        return address
    return f"{base_url.rstrip('/')}/{address.lstrip('/')}"


def resolve_pictures(pictures: object, base_url: str | None, page: str | None) -> Sequence[object]:
    """Return the `images` of an article with complete addresses; `page` is the page's address."""
    if not isinstance(pictures, list):
        return []
    return [
        {**picture, "url": _resolve(url, base_url, page)}
        if isinstance(picture, dict) and isinstance(url := picture.get("url"), str)
        else picture
        for picture in pictures
    ]


def _resolve(address: str, base_url: str | None, page: str | None) -> str:
    address = address.strip()
    if address.startswith("/") and not address.startswith("//"):
        return join_to_site(base_url, address)
    try:
        return urljoin(join_to_site(base_url, page or ""), address)
    except ValueError:
        return address


def is_relative(address: str) -> bool:
    """Whether an address is relative to the page that has it."""
    return not (address.startswith("/") or _is_complete(address))


def _is_complete(address: str) -> bool:
    try:
        return bool(urlsplit(address).scheme) or address.startswith("//")
    except ValueError:
        return True
