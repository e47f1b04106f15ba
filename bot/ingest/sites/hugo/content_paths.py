"""What the path of a content file says of its page: its name, language, section. Pure.

https://gohugo.io/content-management/organization, and for translations
https://gohugo.io/content-management/multilingual/#translation-by-filename.
"""

from collections.abc import Collection
from dataclasses import dataclass

from bot.ingest.sites.hugo.text import lower

# https://gohugo.io/content-management/formats/#formats
CONTENT_SUFFIXES = frozenset(
    {"md", "markdown", "mdown", "html", "htm", "adoc", "asciidoc", "ad", "org", "rst", "pandoc"}
)


@dataclass(frozen=True, slots=True)
class FileName:
    """A file's name taken apart. `disabled`: it names a language that is switched off."""

    name: str
    suffix: str
    language: str | None
    disabled: bool


@dataclass(frozen=True, slots=True)
class ContentPath:
    """A path below the folder of the content, taken apart.

    `folder` is empty for the root, else like `/posts/2026`. `parent` is the folder that the page is
    in, which is not that of a bundle itself; `base_name` is the name of the file, or of a bundle's
    folder; `page` is the path of the page, such as `/posts/harvest` (empty for the front page).
    """

    folder: str
    file: FileName
    is_bundle: bool
    parent: str
    base_name: str
    page: str

    @property
    def is_leaf(self) -> bool:
        """Whether its folder is a page: https://gohugo.io/content-management/page-bundles."""
        return self.file.name == "index"

    @property
    def is_branch(self) -> bool:
        """Whether its folder is a section."""
        return self.file.name == "_index"

    @property
    def section(self) -> str:
        """The first folder; empty for pages in the root."""
        return self.parent[1:].partition("/")[0]


def parse_path(path: str, languages: Collection[str], disabled: Collection[str]) -> ContentPath:
    """Take a path apart as Hugo compares paths: in lower case, with hyphens for spaces."""
    return parse_path_as_written(lower(path).replace(" ", "-"), languages, disabled)


def parse_path_as_written(
    path: str, languages: Collection[str], disabled: Collection[str]
) -> ContentPath:
    """Take a path apart."""
    folder, _, name = path.rpartition("/")
    folder = f"/{folder}" if folder else ""
    file = _parse_name(name, languages, disabled)
    if file.name in {"index", "_index"}:
        parent, _, base_name = folder.rpartition("/")
        return ContentPath(folder, file, True, parent, base_name, folder)
    return ContentPath(folder, file, False, folder, file.name, f"{folder}/{file.name}")


def _parse_name(file: str, languages: Collection[str], disabled: Collection[str]) -> FileName:
    """`post.de.md` is in German if that is one of the site's languages."""
    name, dot, suffix = file.rpartition(".")
    if not dot:
        return FileName(file, "", None, False)
    *parts, last = name.split(".")
    position = len(name)
    if parts:
        for part in (last, *reversed(parts)):
            position -= len(part)
            if part in languages or part in disabled:
                # The language at the very beginning is part of the name, too.
                rest = name[: position - 1] if position else name
                return FileName(rest, suffix, part, part in disabled)
            position -= 1
    return FileName(name, suffix, None, False)
