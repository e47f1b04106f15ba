"""Protection of the page's API from other sites that are open in the same browser.

The Host must be a loopback name with our port (against DNS rebinding), the Origin must not be
another site's, and a request that changes something must be JSON (against forms).
"""

import ipaddress
from http import HTTPStatus

from aiohttp import web
from yarl import URL

from bot.sandbox.errors import PersonError


def check_origin(request: web.Request) -> None:
    """Raise PersonError for a request that another site may have made the browser send."""
    port = request.transport.get_extra_info("sockname")[1] if request.transport else None
    if not _is_ours(f"http://{request.headers.get('Host', '')}", port):
        raise PersonError("The Host header does not name this sandbox.", HTTPStatus.FORBIDDEN)
    origin = request.headers.get("Origin")
    if origin is not None and not _is_ours(origin, port):
        raise PersonError("Other sites can't use the sandbox.", HTTPStatus.FORBIDDEN)
    if request.method != "GET" and request.content_type != "application/json":
        raise PersonError("The Content-Type must be application/json.")


def _is_ours(address: str, port: int | None) -> bool:
    try:
        url = URL(address)
        host = url.host or ""
        if url.port != port:
            return False
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
