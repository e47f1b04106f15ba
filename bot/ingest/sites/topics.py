"""Finds the topics of a page: its categories and tags, in all the forms that generators take. Pure.

https://jekyllrb.com/docs/posts/#categories, https://gohugo.io/content-management/taxonomies,
https://hexo.io/docs/front-matter#Categories-Tags,
https://www.getzola.org/documentation/content/page/#front-matter.
"""

from collections.abc import Iterator, Mapping
from itertools import islice

from bot.ingest.sites.names import as_mapping, by_folded_name
from bot.ingest.sites.texts import is_flag, plain_title

_NAMES = ("categories", "category", "tags", "tag")
# They count if a page has none of the others; search engines are meant, not readers.
_LESS_USUAL_NAMES = ("labels", "keywords")
# A string in these fields is a list in Jekyll.
_PLURAL = frozenset({"categories", "tags"})
# Docusaurus has `{label, permalink}`.
_LABELS = ("label", "name", "title", "value", "slug")
_MAX_TOPICS = 100
_MAX_DEPTH = 3


def page_topics(folded: Mapping[str, object], *, splits_at_spaces: bool) -> list[str]:
    """Return the topics of a page by its fields with folded names.

    With `splits_at_spaces`, a string without a comma is split at spaces, as in Jekyll.
    """
    places = [folded]
    if "taxonomies" in folded:
        places.append(by_folded_name(as_mapping(folded["taxonomies"])))
    for names in (_NAMES, _LESS_USUAL_NAMES):
        topics = [
            topic
            for name in names
            for fields in places
            if (value := fields.get(name)) is not None
            for topic in _topics(value, splits_at_spaces and name in _PLURAL)
        ]
        if topics:
            return list(dict.fromkeys(topics))[:_MAX_TOPICS]
    return []


def _topics(value: object, splits_at_spaces: bool) -> Iterator[str]:
    if isinstance(value, str) and not is_flag(value):
        separator = next((each for each in ",;" if each in value), None)
        parts = value.split(separator) if separator or splits_at_spaces else [value]
        yield from filter(None, map(_name, parts))
    elif isinstance(value, list | dict):
        yield from islice(_items(value, 1), _MAX_TOPICS)


def _items(value: object, depth: int) -> Iterator[str]:
    """The names in a list. Hexo has lists in lists, others have groups of fields."""
    if isinstance(value, dict):
        value = next((value[name] for name in _LABELS if value.get(name)), None)
    if isinstance(value, list) and depth <= _MAX_DEPTH:
        for item in islice(value, _MAX_TOPICS):
            yield from _items(item, depth + 1)
    elif isinstance(value, str | int) and not isinstance(value, bool) and (name := _name(value)):
        yield name


def _name(value: object) -> str:
    return plain_title(str(value)).strip().removeprefix("#").strip()
