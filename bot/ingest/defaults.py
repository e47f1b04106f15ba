"""What the settings say about articles that don't say it themselves. Pure."""

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
            filled = _complete(filled, self.base_url, _ADDRESSES)
            for name, addresses in (("images", ("url",)), ("related", _ADDRESSES)):
                if isinstance(items := filled.get(name), list):
                    filled[name] = [
                        _complete(each, self.base_url, addresses)
                        if isinstance(each, dict)
                        else each
                        for each in items
                    ]
        return filled


NO_DEFAULTS = Defaults()


def _fill(fields: dict[str, object], name: str, value: object) -> None:
    given = fields.get(name)
    if given is None or given in ("", [], {}):
        fields[name] = value


def _complete(fields: dict[str, object], base: str, names: tuple[str, ...]) -> dict[str, object]:
    """A copy with complete addresses; the document's own groups stay as they are."""
    given = {name: value.strip() for name in names if isinstance(value := fields.get(name), str)}
    return {**fields, **{name: _join(base, address) for name, address in given.items() if address}}


def _join(base: str, address: str) -> str:
    """An address as it is if it names a scheme or is none at all: the reader says what is wrong."""
    try:
        return address if urlsplit(address).scheme else urljoin(base, address)
    except ValueError:
        return address
