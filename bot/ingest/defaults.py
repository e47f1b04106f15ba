"""What the settings say about articles that don't say it themselves. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from bot.ingest.topics import NO_RULES, TopicRules
from storage.models import Provider

_ADDRESSES = ("webUrl", "originalUrl", "ampWebUrl", "cdnAmpWebUrl")


@dataclass(frozen=True, slots=True)
class Defaults:
    """A source's defaults; what an article tells goes before them, also where it is wrong.

    Addresses without a scheme are taken as relative to `base_url`, as a browser does; `permalink`
    is the pattern of the addresses of pages that don't give theirs (`bot.ingest.site_generators`).
    Topics come from the `rules` where they find any, else all of `topics`; the rules name both.
    """

    quality: int | None = None
    topics: tuple[str, ...] = ()
    provider: Provider | None = None
    base_url: str | None = None
    permalink: str | None = None
    rules: TopicRules = NO_RULES

    def fill(self, fields: Mapping[str, object]) -> Mapping[str, object]:
        """The fields of a document with what they lack."""
        if self == NO_DEFAULTS:
            return fields
        filled = dict(self.rules.fill(fields))
        if self.quality is not None:
            _fill(filled, "quality", self.quality)
        if self.topics:
            _fill(filled, "topics", list(self.rules.rename(self.topics)))
        if self.provider is not None:
            named = {"name": self.provider.name, "domain": self.provider.domain}
            _fill(filled, "provider", named)
        if self.base_url is not None:
            _complete(filled, self.base_url, _ADDRESSES)
            _complete_each(filled, self.base_url, "images", ("url",))
            _complete_each(filled, self.base_url, "related", _ADDRESSES)
        return filled


NO_DEFAULTS = Defaults()


def _fill(fields: dict[str, object], name: str, value: object) -> None:
    given = fields.get(name)
    if given is None or given in ("", [], {}):
        fields[name] = value


def _complete(fields: dict[str, object], base: str, names: tuple[str, ...]) -> None:
    for name in names:
        given = fields.get(name)
        if isinstance(given, str) and given.strip():
            fields[name] = _join(base, given.strip())


def _complete_each(
    fields: dict[str, object], base: str, name: str, addresses: tuple[str, ...]
) -> None:
    """The same in a list of groups; the document's own lists stay as they are."""
    items = fields.get(name)
    if not isinstance(items, list):
        return
    completed: list[object] = []
    for item in items:
        if isinstance(item, dict):
            group: dict[str, object] = dict(item)
            _complete(group, base, addresses)
            completed.append(group)
        else:
            completed.append(item)
    fields[name] = completed


def _join(base: str, address: str) -> str:
    """An address as it is if it names a scheme or is none at all: the reader says what is wrong."""
    try:
        return address if urlsplit(address).scheme else urljoin(base, address)
    except ValueError:
        return address
