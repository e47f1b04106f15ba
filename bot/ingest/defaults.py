"""Default values that the settings give to the articles of a source. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from bot.ingest.topics import NO_RULES, TopicRules
from storage.models import Provider

_ADDRESSES = ("webUrl", "originalUrl", "ampWebUrl", "cdnAmpWebUrl")


@dataclass(frozen=True, slots=True)
class Defaults:
    """A source's defaults; an article's own values take precedence, even if they are invalid.

    Addresses without a scheme are relative to `base_url`; `permalink` is the pattern of the
    addresses of pages that don't give one, and `time_zone` the name of the zone of dates that don't
    name one (`bot.ingest.sites`). An article without topics
    gets those that the `rules` find, else all of `topics`; the rules' names replace aliases. The
    names of the class and its fields are part of the stored digests: renaming one makes the bot
    read every document again.
    """

    quality: int | None = None
    topics: tuple[str, ...] = ()
    provider: Provider | None = None
    base_url: str | None = None
    permalink: str | None = None
    time_zone: str | None = None
    rules: TopicRules = NO_RULES

    def fill(self, fields: Mapping[str, object]) -> Mapping[str, object]:
        """Return the fields of a document with missing values filled in."""
        if self == NO_DEFAULTS:
            return fields
        filled = dict(self.rules.fill(fields))
        if self.quality is not None:
            _fill(filled, "quality", self.quality)
        if self.topics:
            _fill(filled, "topics", list(self.rules.replace_aliases(self.topics)))
        if self.provider is not None:
            provider = {"name": self.provider.name, "domain": self.provider.domain}
            _fill(filled, "provider", provider)
        if self.base_url is not None:
            filled = _resolve(filled, self.base_url, _ADDRESSES)
            for name, addresses in (("images", ("url",)), ("related", _ADDRESSES)):
                if isinstance(items := filled.get(name), list):
                    filled[name] = [
                        _resolve(item, self.base_url, addresses) if isinstance(item, dict) else item
                        for item in items
                    ]
        return filled


NO_DEFAULTS = Defaults()


def _fill(fields: dict[str, object], name: str, value: object) -> None:
    current = fields.get(name)
    if current is None or current in ("", [], {}):
        fields[name] = value


def _resolve(fields: dict[str, object], base: str, names: tuple[str, ...]) -> dict[str, object]:
    """Return a copy of the fields with absolute addresses."""
    texts = {name: value.strip() for name in names if isinstance(value := fields.get(name), str)}
    return {
        **fields,
        **{name: resolve_address(base, address) for name, address in texts.items() if address},
    }


def resolve_address(base: str | None, address: str) -> str:
    """Return the absolute address, or an invalid one unchanged: parsing will reject it."""
    try:
        return urljoin(base, address) if base and not urlsplit(address).scheme else address
    except ValueError:
        return address
