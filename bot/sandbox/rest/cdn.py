"""Downloads of attachments, which Discord serves from its CDN."""

from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web

from bot.sandbox.model.attachments import PATH, Attachments
from bot.sandbox.model.snowflakes import read_id


class Cdn:
    """Serves stored files to anyone who has the address."""

    def __init__(self, attachments: Attachments) -> None:
        self._attachments = attachments

    def add_to(self, application: web.Application) -> None:
        """Add the route."""
        application.router.add_get(f"{PATH}/{{channel}}/{{attachment}}/{{name}}", self._download)

    async def _download(self, request: web.Request) -> web.Response:
        """Send a file as a download; a browser must never run it as part of the page."""
        attachment_id = read_id(request.match_info["attachment"])
        file = None if attachment_id is None else self._attachments.file(attachment_id)
        if file is None:
            return web.Response(
                status=HTTPStatus.NOT_FOUND, text="This file is no longer available."
            )
        return web.Response(
            body=file.data,
            headers={
                "Content-Type": file.content_type,
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
                "Content-Security-Policy": "sandbox; default-src 'none'",
                "X-Content-Type-Options": "nosniff",
            },
        )
