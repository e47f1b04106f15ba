"""Cookies between the redirects of one request."""

import aiohttp
from yarl import URL

# The length of the header with all cookies of a host; servers refuse longer ones.
MAX_HEADER = 8 * 1024
# The length of all cookies of a response. Parsing them takes time, and so many would not be sent.
MAX_SET = 4 * MAX_HEADER


class HostCookies:
    """Keeps cookies, each only for the host that set it.

    Some sites set a cookie, redirect to the same address, and answer only if the cookie comes back.
    """

    def __init__(self) -> None:
        self._jars: dict[str, aiohttp.CookieJar] = {}

    def update(self, url: URL, response: aiohttp.ClientResponse) -> None:
        """Add the cookies that the host of an address set with its response."""
        written = response.headers.getall("Set-Cookie", ())
        if not written or sum(map(len, written)) > MAX_SET:
            return
        # `unsafe` means: also of numeric hosts. Values are sent back as they came.
        jar = self._jars.setdefault(
            url.raw_host or "", aiohttp.CookieJar(unsafe=True, quote_cookie=False)
        )
        jar.update_cookies(response.cookies, url)

    def header(self, url: URL) -> str:
        """Return the header of a request; empty if there are no cookies for it."""
        jar = self._jars.get(url.raw_host or "")
        if jar is None:
            return ""
        cookies = jar.filter_cookies(url).values()
        header = "; ".join(
            f"{cookie.key}={cookie.coded_value}"
            for cookie in cookies
            if cookie.coded_value.isprintable()
        )
        return header if len(header) <= MAX_HEADER else ""
