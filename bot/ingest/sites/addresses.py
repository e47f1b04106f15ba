"""Makes addresses within a site complete. Pure."""

import re
from collections.abc import Sequence
from urllib.parse import quote, urljoin, urlsplit

from bot.urls.browser import join_address

# Characters that addresses consist of.
_PLAIN = re.compile(r"[\w!#$%&'()*+,./:;=?@~\[\]-]*", re.ASCII)


def join_to_site(base_url: str | None, address: str) -> str:
    """Return the address of a page of the site at `base_url`.

    `/notes/lake/` is below the base address even if that has a path, because generators leave the
    path out of the addresses of their pages.
    """
    if base_url is None or _is_complete(address):
        return address
    return f"{base_url.rstrip('/')}/{address.lstrip('/')}"


def quote_path(path: str, safe: str = "/") -> str:
    """Return a path percent-encoded. Bytes of file names that are not UTF-8 stay what they are."""
    try:
        return quote(path, safe, errors="surrogateescape")
    except UnicodeEncodeError:
        return quote(path, safe, errors="replace")


def join_written(base_url: str | None, address: str) -> str:
    """Return the address that an author writes as one within the site, like `join_to_site`.

    Authors may write the path of the base address, too.
    """
    if base_url is not None and address.startswith("/") and not address.startswith("//"):
        path = _path(base_url)
        if path and f"{address}/".startswith(f"{path}/"):
            address = address[len(path) :]
    return join_to_site(base_url, address)


def resolve_pictures(pictures: object, base_url: str | None, page: str | None) -> Sequence[object]:
    """Return the `images` of an article with complete addresses; `page` is the page's address."""
    if not isinstance(pictures, list):
        return []
    return [
        {**picture, "url": resolve_picture(url, base_url, page)}
        if isinstance(picture, dict) and isinstance(url := picture.get("url"), str)
        else picture
        for picture in pictures
    ]


def resolve_picture(address: str, base_url: str | None, page: str | None) -> str:
    """Return the address of a picture as browsers read it; `page` is the page's address.

    One that can't be made complete is returned as it is.
    """
    address = address.strip()
    if "\\" in address and not _is_complete(address):
        address = address.replace("\\", "/")
    if address.startswith("/") and not address.startswith("//"):
        joined = join_written(base_url, address)
    else:
        try:
            joined = urljoin(join_to_site(base_url, page or ""), address)
        except ValueError:
            joined = address
    if joined.startswith("//"):
        joined = f"https:{joined}"
    return joined if _PLAIN.fullmatch(joined) else join_address("", joined) or joined


def _path(base_url: str) -> str:
    """The path of an address without the slash at its end."""
    try:
        return urlsplit(base_url).path.rstrip("/")
    except ValueError:
        return ""


def is_relative(address: str) -> bool:
    """Whether an address is relative to the page that has it."""
    return not (address.startswith("/") or _is_complete(address))


def _is_complete(address: str) -> bool:
    try:
        return bool(urlsplit(address).scheme) or address.startswith("//")
    except ValueError:
        return True
