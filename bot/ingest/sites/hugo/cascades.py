"""Fields that pages get from their section or from the configuration. Pure.

https://gohugo.io/content-management/front-matter/#cascade
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from bot.ingest.sites.hugo.globs import PageMatcher
from bot.ingest.sites.hugo.values import group, groups, lower_keys

_MAX_CASCADES = 100


@dataclass(frozen=True, slots=True)
class Cascade:
    """Fields for some of the pages below."""

    target: PageMatcher
    fields: Mapping[str, object]


def parse_cascades(configured: object) -> tuple[Cascade, ...]:
    """Read `cascade`, a group of fields or a list of such groups."""
    cascades: list[Cascade] = []
    for each in map(lower_keys, list(groups(configured))[:_MAX_CASCADES]):
        target = group(each.pop("target", None)) or group(each.pop("_target", None))
        each.pop("_target", None)
        fields = {**group(each.pop("params", None)), **each}
        cascades.append(Cascade(PageMatcher.parse(target), fields))
    return tuple(cascades)


def add_cascades(
    fields: Mapping[str, object], cascades: Iterable[Cascade], path: str, language: str
) -> Mapping[str, object]:
    """Add the fields that a page lacks; of several cascades, the first one counts."""
    complete = dict(fields)
    for each in islice(cascades, _MAX_CASCADES):
        if each.target.matches("page", path, language):
            for name, value in each.fields.items():
                complete.setdefault(name, value)
    return complete
