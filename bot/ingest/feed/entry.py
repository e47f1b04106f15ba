"""The entries of a feed, whatever its format."""

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.ingest.text import MAX_KEY, document_key
from bot.urls.safety import LONGEST_ENCODED

MAX_ENTRIES = 10_000
MAX_TEXT = 2_000
MAX_TITLE = 1_000
MAX_PICTURES = 3
# Longer addresses and names are not shown, whatever their rest is.
_MAX_ADDRESS = LONGEST_ENCODED + 1
_MAX_NAME = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed. Addresses are absolute, or as written if they can't be.

    `title` and `text` are plain text; `published` is ISO 8601 or empty; the best of the `pictures`
    comes first. The names of the class and its fields are part of the stored digests: renaming one
    makes every entry count as changed.
    """

    id: str = ""
    link: str = ""
    title: str = ""
    text: str = ""
    published: str = ""
    # Whether the date has no time of day.
    date_only: bool = False
    topics: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    is_video: bool = False
    # The address of an attached audio or video file.
    enclosure: str = ""
    # What it says about its picture, if it has neither a title nor a text.
    caption: str = ""
    # The site that a collecting feed has it from.
    provider: str = ""
    provider_address: str = ""
    # Why the entry can't be read, as a predicate; empty if it can.
    problem: str = ""

    def bounded(self) -> "Entry":
        """Return the entry without what makes it huge and is of no use."""
        return replace(
            self,
            id=self.id if len(self.id) <= MAX_KEY else document_key(self.id, ""),
            link=self.link[:_MAX_ADDRESS],
            topics=tuple(topic[:_MAX_NAME] for topic in self.topics),
            pictures=tuple(picture[:_MAX_ADDRESS] for picture in self.pictures),
            enclosure=self.enclosure[:_MAX_ADDRESS],
            provider=self.provider[:_MAX_NAME],
            provider_address=self.provider_address[:_MAX_ADDRESS],
        )


@dataclass(frozen=True, slots=True)
class Feed:
    """The entries of a feed in its own order.

    `skipped` is the number of entries beyond the limit, which are not read.
    """

    entries: tuple[Entry, ...]
    title: str = ""
    skipped: int = 0


def host_of(address: str) -> str:
    """Return the host of an address without `www.`; empty if the address is invalid."""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def without_parameters(address: str) -> str:
    """Return an address up to its parameters."""
    return re.split("[?#;]", address, maxsplit=1)[0]
