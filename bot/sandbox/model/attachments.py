"""Attachments: the files of messages and of command options.

Only the newest files are kept, in memory. An address can outlive its file, as on Discord.
https://docs.discord.com/developers/reference#uploading-files
"""

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import quote

from bot.sandbox.model.entities import Json
from bot.sandbox.model.snowflakes import Snowflakes

MAX_FILES = 10
MAX_FILE_SIZE = 10 * 1024 * 1024
PATH = "/attachments"
_MAX_TOTAL_SIZE = 128 * 1024 * 1024
# Discord replaces these characters of a file's name.
_REPLACED_CHARACTERS = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file as it was sent; `field` is the name of its multipart field, such as `files[0]`."""

    name: str
    content_type: str
    data: bytes
    field: str = ""
    description: str | None = None

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return len(self.data)


class Attachments:
    """Keeps files by the id of their attachment, with the JSON that describes each."""

    def __init__(self, snowflakes: Snowflakes, url: Callable[[], str]) -> None:
        self._snowflakes = snowflakes
        self._url = url
        self._files: OrderedDict[int, tuple[UploadedFile, Json]] = OrderedDict()
        self._total_size = 0

    def store(self, channel_id: int, file: UploadedFile, *, ephemeral: bool = False) -> Json:
        """Keep a file; returns its attachment as JSON."""
        attachment_id = self._snowflakes.next()
        name = _REPLACED_CHARACTERS.sub("_", file.name).strip("_") or "unknown"
        url = f"{self._url()}{PATH}/{channel_id}/{attachment_id}/{quote(name)}"
        payload: Json = {
            "id": str(attachment_id),
            "filename": name,
            "size": file.size,
            "url": url,
            "proxy_url": url,
            "content_type": file.content_type,
        }
        if file.description:
            payload["description"] = file.description
        if ephemeral:
            payload["ephemeral"] = True
        self._files[attachment_id] = (file, payload)
        self._total_size += file.size
        while self._total_size > _MAX_TOTAL_SIZE:
            _, (oldest, _) = self._files.popitem(last=False)
            self._total_size -= oldest.size
        return payload

    def get(self, attachment_id: int) -> Json | None:
        """An attachment as JSON; None if its file is no longer kept."""
        found = self._files.get(attachment_id)
        return found[1] if found else None

    def file(self, attachment_id: int) -> UploadedFile | None:
        """The file of an attachment, with the name in its address; None if it is no longer kept."""
        found = self._files.get(attachment_id)
        return replace(found[0], name=found[1]["filename"]) if found else None
