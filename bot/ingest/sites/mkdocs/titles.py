"""Titles of documents as MkDocs finds them.

https://www.mkdocs.org/user-guide/writing-your-docs/#meta-data
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape

from bot.ingest.sites.mkdocs.addresses import page_name

_MAX_HEAD = 4_000
_ATX = re.compile(r"#(?!#)((?:\\.|[^\\\n])*?)#*[ \t]*(?:\n|\Z)")
_SETEXT = re.compile(r"([^\n]+)\n=+[ ]*(?:\n|\Z)")
# https://python-markdown.github.io/extensions/attr_list/
_ATTRIBUTES = re.compile(r"[ ]+\{:?[ ]*[^}\n ][^}\n]*\}[ ]*\Z")
_LINK = re.compile(r"!?\[((?:\\.|[^\]\\])*+)\](?:\([^)]*+\)|\[[^\]]*+\])")
# Code, escaped characters, tags, and emphasis.
_INLINE = re.compile(
    r"(?<!`)`++([^`]++)`++"
    r"|\\([\\`*_{}\[\]()#+.!<>&|~:-])"
    r"|</?[A-Za-z!][^>]*+>"
    r"|\*+|~~|(?<![^\W_])_+|_+(?![^\W_])"
)


@dataclass(frozen=True, slots=True)
class Titles:
    """The title of the document at `path`, whose text is `body`."""

    body: bytes
    path: str
    has_attributes: bool = False

    def for_slug(self, fields: Mapping[str, object]) -> str:
        """The title that an address is made of: the heading's is with its markup."""
        given = _given(fields)
        if given is not None:
            return given
        line = next(iter(self._head().strip().splitlines()), "").strip()
        return line.lstrip("# ") if line.startswith("# ") else self._from_name()

    def shown(self, fields: Mapping[str, object]) -> str:
        """The title that readers see: the text begins with the heading that it is taken from."""
        given = _given(fields)
        if given is not None:
            return given
        head = self._head().lstrip("\n")
        match = _ATX.match(head) or _SETEXT.match(head)
        if match is None:
            return self._from_name()
        heading = match[1].strip()
        if self.has_attributes:
            heading = _ATTRIBUTES.sub("", heading)
        return _as_text(heading) or self._from_name()

    def _head(self) -> str:
        return self.body[:_MAX_HEAD].decode("utf-8", "ignore").replace("\r\n", "\n")

    def _from_name(self) -> str:
        title = page_name(self.path).replace("-", " ").replace("_", " ")
        return title.capitalize() if title.lower() == title else title


def _as_text(heading: str) -> str:
    text = _LINK.sub(lambda link: link[1], heading)
    return unescape(_INLINE.sub(lambda found: found[1] or found[2] or "", text))


def _given(fields: Mapping[str, object]) -> str | None:
    value = fields.get("title")
    return value if isinstance(value, str) else None
