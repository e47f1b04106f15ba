"""Reduces an article of an API to the fields that are read, of bounded size. Pure.

Whatever else the article contains, such as its text or the number of its views, costs the bot no
memory, and is no change of the article. What remains is read as the whole article would be, except
that addresses are repaired.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TypeAlias

from bot.ingest.article import (
    FLAGS,
    MAX_EXCERPT,
    MAX_IMAGES,
    MAX_LANGUAGE,
    MAX_NAME,
    MAX_RELATED,
    MAX_TITLE,
    MAX_TOPICS,
    MEDIA_TYPES,
)
from bot.ingest.dates.reading import PLAUSIBLE_YEARS, DateReader
from bot.ingest.defaults import NO_DEFAULTS
from bot.ingest.field_values import MAX_DATE_LENGTH, parse_usual_date
from bot.ingest.sites.fields import translate
from bot.ingest.text import clean_text
from bot.urls.browser import join_address
from bot.urls.hosts import MAX_HOST
from bot.urls.safety import LONGEST_ENCODED, parse_web_address

Reader: TypeAlias = Callable[[object], object]

# Of any other value: numbers, booleans.
_MAX_SCALAR = 64
# Images without a usable address don't count, but which these are is not known here.
_MAX_LISTED_IMAGES = 3 * MAX_IMAGES
_MAX_ICONS = 3


class ArticleReader:
    """Reads the articles of a page; `dates` reads the dates that front matter could not have."""

    def __init__(self, dates: DateReader) -> None:
        shared = {**_SHARED_READERS, "publishedDateTime": _date(dates)}
        self._readers = {**shared, **_OWN_READERS, "related": _related(shared)}

    def read(self, article: Mapping[str, object]) -> Mapping[str, object]:
        """Return the known fields. Raises `RejectedError` as `translate` does."""
        fields = translate(article, "", NO_DEFAULTS, is_page=False)
        flags = {name: _flag for name in fields if name.casefold() in FLAGS}
        return _read(fields, {**self._readers, **flags})


def _read(fields: Mapping[str, object], readers: Mapping[str, Reader]) -> dict[str, object]:
    read = {name: reader(fields.get(name)) for name, reader in readers.items()}
    return {name: value for name, value in read.items() if value is not None}


def _scalar(limit: int) -> Reader:
    """Read a value that is no list and no group of fields; of those, only keep what they are."""

    def read(value: object) -> object:
        if isinstance(value, str):
            return value.strip()[:limit]
        if isinstance(value, list):
            return value and [None]
        return value and {"": None} if isinstance(value, dict) else value

    return read


def _text(limit: int) -> Reader:
    scalar = _scalar(limit)

    def read(value: object) -> object:
        # Text without a visible character is still no missing text.
        return clean_text(value, limit) or value[:1] if isinstance(value, str) else scalar(value)

    return read


# One character more than is valid shows that a text is too long.
_name = _text(MAX_NAME + 1)
_written_address = _scalar(LONGEST_ENCODED + 1)
_number = _flag = _scalar(_MAX_SCALAR)


def _address(value: object) -> object:
    """Repair a complete address as browsers do; a relative one is resolved later."""
    written = _written_address(value)
    if not isinstance(written, str) or parse_web_address(written):
        return written
    return join_address("", written) or written


def _date(dates: DateReader) -> Reader:
    scalar = _scalar(MAX_DATE_LENGTH + 1)

    def read(value: object) -> object:
        try:
            written = parse_usual_date(value)
        except ValueError:
            written = None
        if written is not None and written.year not in PLAUSIBLE_YEARS:
            return None
        if written is not None and written.tzinfo is not None:
            return scalar(value)
        date = dates.read(value)
        return date.at.isoformat() if date else scalar(value)

    return read


def _images(limit: int) -> Reader:
    def read(value: object) -> object:
        images = (
            {**_read(image, _IMAGE_READERS), **_media_type(image)}
            for image in _groups(value)
            if image.get("url")
        )
        return list(islice(images, limit)) or None

    return read


def _media_type(image: Mapping[str, object]) -> Mapping[str, object]:
    return next(({"type": _name(image[n])} for n in MEDIA_TYPES if image.get(n)), {})


def _provider(value: object) -> object:
    if not isinstance(value, dict):
        return _name(value)
    return _read(value, _PROVIDER_READERS)


def _topics(value: object) -> object:
    if not isinstance(value, list):
        return _name(value)
    names: dict[str, str] = {}
    for each in value:
        name = _name(str(each) if isinstance(each, int | float) else each)
        if isinstance(name, str) and 0 < len(name) <= MAX_NAME:
            names.setdefault(name.casefold(), name)
    return list(islice(names.values(), MAX_TOPICS))


def _related(readers: Mapping[str, Reader]) -> Reader:
    def read(value: object) -> object:
        related = (
            _read(each, readers)
            for each in _groups(value)
            if each.get("title") and (each.get("webUrl") or each.get("originalUrl"))
        )
        return list(islice(related, MAX_RELATED)) or None

    return read


def _groups(value: object) -> Iterator[Mapping[str, object]]:
    return (
        (each for each in value if isinstance(each, dict)) if isinstance(value, list) else iter(())
    )


_IMAGE_READERS: Mapping[str, Reader] = {"url": _address, "width": _number, "height": _number}
_PROVIDER_READERS: Mapping[str, Reader] = {
    "name": _name,
    "domain": _text(MAX_HOST),
    "images": _images(_MAX_ICONS),
}
_SHARED_READERS: Mapping[str, Reader] = {
    "title": _text(MAX_TITLE),
    "webUrl": _address,
    "originalUrl": _address,
    "excerpt": _text(MAX_EXCERPT),
    "type": _text(MAX_NAME),
    "quality": _number,
    "provider": _provider,
}
_OWN_READERS: Mapping[str, Reader] = {
    "ampWebUrl": _address,
    "cdnAmpWebUrl": _address,
    "category": _text(MAX_NAME),
    "heat": _number,
    "language": _text(MAX_LANGUAGE + 1),
    "topics": _topics,
    "images": _images(_MAX_LISTED_IMAGES),
}
