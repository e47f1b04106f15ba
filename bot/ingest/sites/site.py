"""The types that all generators share: what is known of a site, and what becomes of its pages."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias

from bot.config.sources import Generator
from bot.ingest.frontmatter import FrontMatter
from bot.ingest.frontmatter_formats import read_any_front_matter
from storage.models import SiteDescription


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What the settings of a source say about its site; None: the site's configuration decides.

    `permalink` is a pattern of addresses, `time_zone` an IANA name. `languages` are codes; None
    stands for all, and an empty tuple for the site's main language only. With `drafts`, pages are
    read as the generator builds them for a preview, with drafts and pages of the future.
    """

    base_url: str | None = None
    permalink: str | None = None
    time_zone: str | None = None
    languages: tuple[str, ...] | None = None
    drafts: bool = False


NO_SETTINGS = SiteSettings()


class SiteFiles(Protocol):
    """The files of a site. Paths are relative to its root, with `/`; the root is the empty one."""

    def exists(self, path: str) -> bool:
        """Return whether there is a file or a folder with this path."""

    def read(self, path: str) -> bytes | None:
        """Return a file's content; None if there is no such file, or it is larger than 1 MB."""

    def find(self, names: Collection[str], folder: str = "") -> Sequence[str]:
        """Return the paths of all files with one of these names in a folder and below, sorted.

        Pages are not read again when these paths change, only when the content of a read one does.
        """


@dataclass(frozen=True, slots=True)
class Page:
    """A page as its file contains it; `path` is relative to the site's root, with `/`."""

    path: str
    fields: Mapping[str, object]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class SitePage:
    """What a generator makes of a page.

    `address` is complete, or else relative to the root of the site, whose address is `base_url`:
    `/notes/lake/` is below the base address even if that has a path. So are `other_addresses`
    (redirects), and `images_from`: what relative addresses of pictures are relative to, the page
    itself if None, and nothing if it is empty, because the generator gives such pictures addresses
    that only it knows. `picture_address` returns the address for the link to a picture as it is in
    the text, if the generator replaces such links. `excerpt_separator` is what ends the excerpt in
    the text, if the configuration names one. `title` and `published_at` are None if the page
    has none; a time has a time zone. The page is published until `expires_at`. `fields` replace
    what is read as the fields of most generators are (`bot.ingest.sites.fields`): `excerpt`,
    `topics`, `images`.
    """

    address: str | None
    title: str | None
    published_at: datetime | None
    language: str | None = None
    other_addresses: tuple[str, ...] = ()
    images_from: str | None = None
    expires_at: datetime | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
    picture_address: Callable[[str], str] | None = None
    excerpt_separator: str = ""


@dataclass(frozen=True, slots=True)
class HiddenPage:
    """A page that the generator does not write (a draft), or not before `until`."""

    until: datetime | None = None


PageReading: TypeAlias = SitePage | HiddenPage


class Site(Protocol):
    """A site whose configuration has been read."""

    @property
    def description(self) -> SiteDescription:
        """What is known of it."""

    def has_pages_in(self, folder: str) -> bool:
        """Return whether a folder may contain pages of the site, itself or in folders below it.

        Its path is relative to the site's root, which is empty. A repository may also contain
        other articles, which are no part of its site.
        """

    def read_page(self, page: Page, now: datetime) -> PageReading:
        """Return what the generator makes of a page at a time.

        Pure. Raises `RejectedError` if the page can't have an address.
        """


@dataclass(frozen=True, slots=True)
class GeneratorRules:
    """How sites of one generator are recognised and read.

    `content_folders` are the names of the folders that usually contain the pages: the site's root
    is the folder that contains them. `recognises` decides by the files of a folder whether it is
    the root of such a site. `configure` reads the configuration, which may be missing, malformed
    or hostile: what can't be understood is left out.
    """

    generator: Generator
    content_folders: tuple[str, ...]
    recognises: Callable[[SiteFiles], bool]
    configure: Callable[[SiteFiles, SiteSettings], Site]
    read_front_matter: Callable[[bytes], FrontMatter] = read_any_front_matter


def is_within_or_above(folder: str, other: str) -> bool:
    """Return whether one of two folders contains the other; the root is the empty path."""
    first, second = (f"{path}/".lstrip("/") for path in (folder, other))
    return first.startswith(second) or second.startswith(first)
