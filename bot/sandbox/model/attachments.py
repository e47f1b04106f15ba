"""Attachments: the files of messages and of command options.

Only the newest files are kept, in memory. An address can outlive its file, as on Discord.
https://docs.discord.com/developers/reference#uploading-files
"""

import re
import struct
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote

from bot.sandbox.model.entities import Json
from bot.sandbox.model.snowflakes import Snowflakes

MAX_FILES = 10
MAX_FILE_SIZE = 10 * 1024 * 1024
MAX_DESCRIPTION_LENGTH = 1024
PATH = "/attachments"
_MAX_TOTAL_SIZE = 128 * 1024 * 1024
# Discord replaces these characters of a file's name.
_REPLACED_CHARACTERS = re.compile(r"[^\w.-]+")
_MAX_NAME_LENGTH = 255
_REFERENCE = "attachment://"
# An embed can show files with these endings only.
# https://docs.discord.com/developers/reference#using-attachments-within-embeds
_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
# The bytes with which a picture starts, its type, and where its width and height are. Clients send
# pictures as application/octet-stream, too; Discord looks into them.
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png", struct.Struct(">16xII")),
    (b"GIF87a", "image/gif", struct.Struct("<6xHH")),
    (b"GIF89a", "image/gif", struct.Struct("<6xHH")),
)


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
        name = _stored_name(file.name)
        url = f"{self._url()}{PATH}/{channel_id}/{attachment_id}/{quote(name)}"
        payload: Json = {
            "id": str(attachment_id),
            "filename": name,
            "size": file.size,
            "url": url,
            "proxy_url": url,
            "content_type": file.content_type,
        }
        if picture := _read_picture(file.data):
            payload |= picture
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
        if found is None:
            return None
        file, payload = found
        return replace(file, name=payload["filename"], content_type=payload["content_type"])


def show_in_embeds(embeds: Iterable[Json], attachments: Iterable[Json]) -> list[int]:
    """Put the files that embeds refer to with `attachment://` into these embeds.

    Returns the ids of these attachments: Discord does not list them beside the embeds. A reference
    to a file that the message does not have stays as it is.
    """
    files = {
        each["filename"]: each
        for each in attachments
        if each["filename"].lower().endswith(_PICTURES)
    }
    shown: list[int] = []
    for media, key in _media(embeds):
        address = str(media[key])
        if not address.startswith(_REFERENCE):
            continue
        file = files.get(_stored_name(address.removeprefix(_REFERENCE)))
        if file is None:
            continue
        media |= {key: file["url"], f"proxy_{key}": file["url"]}
        if key == "url":
            more = ("width", "height", "content_type", "description")
            media |= {name: file[name] for name in more if name in file}
        shown.append(int(file["id"]))
    return shown


def _media(embeds: Iterable[Json]) -> Iterator[tuple[Json, str]]:
    """Every part of an embed that shows a picture, with the key of its address."""
    for embed in embeds:
        for part, key in (
            ("image", "url"),
            ("thumbnail", "url"),
            ("author", "icon_url"),
            ("footer", "icon_url"),
        ):
            if embed.get(part, {}).get(key):
                yield embed[part], key


def _stored_name(name: str) -> str:
    """The name under which Discord keeps a file."""
    return _REPLACED_CHARACTERS.sub("_", name).strip("_.")[-_MAX_NAME_LENGTH:] or "unknown"


def _read_picture(data: bytes) -> Json:
    """The type and the size of a PNG or GIF; {} for other files."""
    for signature, content_type, layout in _SIGNATURES:
        if data.startswith(signature) and len(data) >= layout.size:
            width, height = layout.unpack_from(data)
            return {"content_type": content_type, "width": width, "height": height}
    return {}
