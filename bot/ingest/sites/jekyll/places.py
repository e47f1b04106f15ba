"""Says what the files of a Jekyll site are for, by where they are. Pure.

https://jekyllrb.com/docs/structure, https://jekyllrb.com/docs/collections
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from posixpath import splitext

from bot.ingest.sites.jekyll.configuration import POSTS, JekyllConfiguration

PAGES = "pages"
_POSTS_FOLDER, _DRAFTS_FOLDER = "_posts", "_drafts"
_SPECIAL = (".", "_", "#", "~")
# Years of two digits are accepted, too: https://jekyllrb.com/docs/posts/#creating-posts.
_DATED_NAME = re.compile(r"([0-9]{2,4}-[0-9]{1,2}-[0-9]{1,2})-(.*)", re.DOTALL)
# The folder of the plug-in for multiple languages, which has one folder per language.
_TRANSLATIONS = "_i18n"


class Kind(Enum):
    """What a file is for."""

    POST = auto()
    DRAFT = auto()
    DOCUMENT = auto()
    PAGE = auto()


@dataclass(frozen=True, slots=True)
class Place:
    """A file that Jekyll reads.

    `collection` is its name, or `pages`. `path` is relative to the folder of the collections, or
    to the site's source for a page, and `file` to the site's source; `folder` is the one that
    contains the collection's folder. `date` and `slug` are the parts of the file's name.
    """

    kind: Kind
    collection: str
    path: str
    file: str
    folder: str
    name: str
    extension: str
    date: str | None
    slug: str


class Places:
    """Finds the places of the files of a site."""

    def __init__(self, configuration: JekyllConfiguration) -> None:
        self._configuration = configuration
        self._folder = lru_cache(maxsize=10_000)(self._enter)

    def find(self, path: str) -> Place | None:
        """Return the place of a file by its path within the site; None if Jekyll does not read it.

        Without a configuration, the path may begin anywhere. So a file with a date in its name is a
        post then, and so are all of them if the source has a pattern for their addresses.
        """
        configuration = self._configuration
        if configuration.source:
            prefix = f"{configuration.source}/"
            if not path.startswith(prefix):
                return None
            path = path.removeprefix(prefix)
        if (place := self._in_collection(path)) is not None:
            return place
        folder, _, name = path.rpartition("/")
        entered = (Kind.PAGE, 0) if configuration.include.names(path) else self._folder(folder)
        if entered is None:
            return None
        kind, depth = entered
        if kind is Kind.PAGE:
            return self._page(path, folder, name)
        parts = path.split("/")
        return self._post(kind, path, "/".join(parts[:depth]), "/".join(parts[depth + 1 :]))

    def superior_folders(self, place: Place) -> Sequence[str]:
        """Return the names of the folders above `_posts`, which are categories."""
        # Jekyll looks for these names anywhere in the path, even within longer names.
        special = _POSTS_FOLDER if _POSTS_FOLDER in place.path else _DRAFTS_FOLDER
        if place.kind is Kind.DOCUMENT or special not in place.path:
            return []
        others = {"", special, f"{place.name}{place.extension}"}
        languages = self._configuration.languages
        if languages.translations:
            others |= {_TRANSLATIONS, *languages.codes}
        above = place.path.partition(special)[0].split("/")
        return [each for each in above if each not in others]

    def _in_collection(self, path: str) -> Place | None:
        """A document of a collection other than `posts`."""
        root = self._configuration.collections_folder
        relative = path.removeprefix(f"{root}/") if root else path
        if root and relative == path:
            return None
        folder, _, entry = relative.partition("/")
        label = folder.removeprefix("_")
        if (
            not entry
            or label in {folder, POSTS}
            or label not in self._configuration.collections
            or not self._accepts(folder, entry)
        ):
            return None
        return _place(Kind.DOCUMENT, label, relative, path, "")

    def _enter(self, folder: str) -> tuple[Kind, int] | None:
        """What files of a folder are, and in which level `_posts` or `_drafts` is."""
        parts = folder.split("/") if folder else []
        for depth, name in enumerate(parts):
            above, inside = "/".join(parts[:depth]), "/".join(parts[: depth + 1])
            if name in {_POSTS_FOLDER, _DRAFTS_FOLDER} and self._may_have_posts(above):
                return (Kind.POST if name == _POSTS_FOLDER else Kind.DRAFT), depth
            if inside == _TRANSLATIONS and self._configuration.languages.translations:
                continue
            if inside == self._configuration.destination or not self._accepts(
                above, name, is_folder=True
            ):
                return None
        return Kind.PAGE, 0

    def _may_have_posts(self, folder: str) -> bool:
        configuration = self._configuration
        if not folder and configuration.languages.translations:
            return False
        return folder.startswith(configuration.collections_folder)

    def _page(self, path: str, folder: str, name: str) -> Place | None:
        configuration = self._configuration
        is_dated = _DATED_NAME.match(name) is not None
        if configuration.path is None and (is_dated or configuration.permalink != "date"):
            return _place(Kind.POST, POSTS, path, path, folder)
        is_listed = configuration.include.names(path)
        if not is_listed and not self._accepts(folder, name):
            return None
        return _place(Kind.PAGE, PAGES, path, path, folder)

    def _post(self, kind: Kind, path: str, folder: str, entry: str) -> Place | None:
        special = path[len(folder) :].lstrip("/").partition("/")[0]
        base = f"{folder}/{special}" if folder else special
        if not self._accepts(base, entry):
            return None
        root = self._configuration.collections_folder
        relative = path.removeprefix(f"{root}/") if root else path
        place = _place(kind, POSTS, relative, path, folder)
        if kind is Kind.POST and place.date is None:
            return None
        return place

    def _accepts(self, folder: str, entry: str, *, is_folder: bool = False) -> bool:
        """Whether Jekyll reads an entry of a folder, by its name."""
        configuration = self._configuration
        name = entry.rpartition("/")[2]
        if entry.endswith("."):
            return False
        if any(configuration.include.match(each, is_folder=is_folder) for each in (entry, name)):
            return True
        path = f"{folder}/{entry}" if folder else entry
        return not (
            configuration.exclude.match(path, is_folder=is_folder)
            or entry.startswith(_SPECIAL)
            or name.startswith(_SPECIAL)
            or entry.endswith("~")
        )


def _place(kind: Kind, collection: str, path: str, file: str, folder: str) -> Place:
    name, extension = splitext(path.rpartition("/")[2])
    dated = _DATED_NAME.fullmatch(name) if kind is not Kind.PAGE else None
    return Place(
        kind=kind,
        collection=collection,
        path=path,
        file=file,
        folder=folder,
        name=name,
        extension=extension,
        date=dated[1] if dated else None,
        slug=(dated[2] if dated else name).rstrip("."),
    )
