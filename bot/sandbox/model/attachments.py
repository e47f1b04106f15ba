"""Files: uploaded with a message or attached to a command, and given to whoever has the address.

They are kept in memory, the newest ones only; an address outlives its file, as on Discord.
https://docs.discord.com/developers/reference#uploading-files
"""

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web

from bot.sandbox.model.entities import Json
from bot.sandbox.model.snowflakes import Snowflakes

MOST_FILES = 10
LARGEST_FILE = 10 * 1024 * 1024
PATH = "/attachments"
_MOST_KEPT = 128 * 1024 * 1024
# What Discord takes out of a file's name.
_UNUSUAL = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file as it was sent; `field` is the name of its part in a form, such as `files[0]`."""

    name: str
    content_type: str
    data: bytes
    field: str = ""
    description: str | None = None

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.data)


class Files:
    """Keeps files by their attachment's id, and the shapes in which Discord tells of them."""

    def __init__(self, snowflakes: Snowflakes, url: Callable[[], str]) -> None:
        self._snowflakes = snowflakes
        self._url = url
        self._kept: OrderedDict[int, tuple[UploadedFile, Json]] = OrderedDict()
        self._size = 0

    def keep(self, channel_id: int, file: UploadedFile, *, ephemeral: bool = False) -> Json:
        """Keep a file; returns its attachment."""
        attachment_id = self._snowflakes.next()
        name = _UNUSUAL.sub("_", file.name).strip("_") or "unknown"
        url = f"{self._url()}{PATH}/{channel_id}/{attachment_id}/{quote(name)}"
        shape: Json = {
            "id": str(attachment_id),
            "filename": name,
            "size": file.size,
            "url": url,
            "proxy_url": url,
            "content_type": file.content_type,
        }
        if file.description:
            shape["description"] = file.description
        if ephemeral:
            shape["ephemeral"] = True
        self._kept[attachment_id] = (file, shape)
        self._size += file.size
        while self._size > _MOST_KEPT:
            _, (oldest, _) = self._kept.popitem(last=False)
            self._size -= oldest.size
        return shape

    def attachment(self, attachment_id: int) -> Json | None:
        """The shape of a file that is kept, or None."""
        found = self._kept.get(attachment_id)
        return found[1] if found else None

    async def serve(self, request: web.Request) -> web.Response:
        """Give a file out: to be saved, and never to be run as a part of the page."""
        text = request.match_info["attachment"]
        found = self._kept.get(int(text)) if text.isdecimal() else None
        if found is None:
            return web.Response(status=HTTPStatus.NOT_FOUND, text="This file is gone.")
        file, shape = found
        return web.Response(
            body=file.data,
            headers={
                "Content-Type": file.content_type,
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(shape['filename'])}",
                "Content-Security-Policy": "sandbox; default-src 'none'",
                "X-Content-Type-Options": "nosniff",
            },
        )
