"""Finds the default values of front matter: https://jekyllrb.com/docs/configuration/front-matter-defaults.

Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.ingest.sites.jekyll.dates import with_zone_of_yaml
from bot.ingest.sites.jekyll.globs import matching_folders

Values = Mapping[str, object]

# More are not expected, and every page is compared with each of them.
_MAX_SETS = 500
_OLD_TYPES = {"page": "pages", "post": "posts", "draft": "drafts"}
# Only `image: {path: …}` and the like are merged key by key.
_MERGED_LEVELS = 2


@dataclass(frozen=True, slots=True)
class _Set:
    """Default values, and the pages that they are for; without a type, for those of all types."""

    path: str
    type: str | None
    values: Values


class FrontMatterDefaults:
    """The `defaults` of a configuration."""

    def __init__(self, sets: object, collections_folder: str) -> None:
        read = [_read_set(each) for each in sets[:_MAX_SETS]] if isinstance(sets, list) else []
        self._sets = [each for each in read if each]
        self._prefix = f"{collections_folder}/" if collections_folder else ""
        self._merge = lru_cache(maxsize=1_000)(self._merge_sets)

    def find(self, page_type: str, path: str, file: str) -> Values:
        """Return the default values of a page.

        Its type is `pages`, or the name of its collection. `path` is relative to the folder of the
        collections, `file` to the site's source.
        """
        if not self._sets:
            return {}
        return self._merge(
            tuple(
                number
                for number, each in enumerate(self._sets)
                if each.type in (None, page_type) and self._is_in(each.path, path, file)
            )
        )

    def _is_in(self, scope: str, path: str, file: str) -> bool:
        """Whether the path begins with that of the scope, even in the middle of a name."""
        if "*" in scope:
            return any(path.startswith(self._strip(each)) for each in matching_folders(scope, file))
        return path.startswith(self._strip(scope))

    def _strip(self, path: str) -> str:
        return path.removeprefix(self._prefix)

    def _merge_sets(self, numbers: Sequence[int]) -> Values:
        """Merge sets; the one with the longest path counts, then one with a type, then the last."""
        merged: Values = {}
        winner: _Set | None = None
        for each in (self._sets[number] for number in numbers):
            if winner is None or _takes_precedence(each, winner):
                merged, winner = merge(merged, each.values), each
            else:
                merged = merge(each.values, merged)
        return merged


def merge(values: Values, more: Values, levels: int = _MERGED_LEVELS) -> Values:
    """Return both; values of `more` take precedence, unless they are None."""
    merged = dict(values)
    for name, value in more.items():
        old = merged.get(name)
        if isinstance(old, dict) and isinstance(value, dict) and levels > 1:
            merged[name] = merge(old, value, levels - 1)
        elif value is not None or name not in merged:
            merged[name] = value
    return merged


def _read_set(value: object) -> _Set | None:
    if not isinstance(value, dict) or not isinstance(values := value.get("values"), dict):
        return None
    scope = value.get("scope")
    scope = scope if isinstance(scope, dict) else {}
    path, page_type, date = scope.get("path"), scope.get("type"), values.get("date")
    if isinstance(date, str):
        values = {**values, "date": with_zone_of_yaml(date)}
    return _Set(
        path if isinstance(path, str) else "",
        _OLD_TYPES.get(page_type, page_type) if isinstance(page_type, str) else None,
        values,
    )


def _takes_precedence(new: _Set, old: _Set) -> bool:
    lengths = len(new.path.removeprefix("/")), len(old.path.removeprefix("/"))
    if lengths[0] != lengths[1]:
        return lengths[0] > lengths[1]
    return new.type is not None or old.type is None
