"""Addresses of pictures in Pelican's articles.

https://docs.getpelican.com/en/stable/content.html#linking-to-static-files
"""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from bot.ingest.sites.pelican.addresses import as_path
from bot.ingest.sites.pelican.configuration import PelicanConfiguration

_LINK = re.compile(r"[{|](static|attach|filename)[|}](.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PictureLinks:
    """Resolves links in the article at `path`, which is written to `save_as`."""

    configuration: PelicanConfiguration
    path: str
    save_as: str

    def resolve(self, link: str) -> str:
        """Return the address of a picture; one that is not a link of Pelican stays as it is."""
        match = _LINK.fullmatch(link.strip())
        if match is None:
            return link
        target = unquote(match[2])
        folder = posixpath.dirname(self.path)
        path = target[1:] if target.startswith("/") else posixpath.join(folder, target)
        path = posixpath.normpath(path)
        given = self.configuration.path_metadata.get(path, {})
        if own := given.get("url") or given.get("save_as"):
            return as_path(own)
        if match[1] == "attach":
            # Written next to the article, and only from below its folder with the folders between.
            inside = posixpath.relpath(f"/{path}", f"/{folder}")
            name = posixpath.basename(path) if inside.startswith("../") else inside
            return as_path(posixpath.join(posixpath.dirname(self.save_as), name))
        pattern = self.configuration.url_patterns["STATIC_URL"]
        return as_path(pattern.replace("{path}", given.get("path", path)))

    def resolve_fields(self, images: object) -> list[Mapping[str, object]]:
        """Resolve pictures of the metadata, which themes take as relative to the site's root."""
        resolved: list[Mapping[str, object]] = []
        for image in images if isinstance(images, list) else ():
            if isinstance(image, dict) and isinstance(link := image.get("url"), str):
                if "." not in link and "/" not in link:
                    continue  # a flag, such as `none`
                address = self.resolve(link)
                resolved.append({**image, "url": as_path(address) if address == link else address})
        return resolved
