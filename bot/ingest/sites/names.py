"""How fields are found by name: generators and themes spell the same name in many ways. Pure."""

from collections.abc import Mapping
from functools import lru_cache

# Names that are longer are those of no field.
_LONGEST = 40


def fold_name(name: str) -> str:
    """The name without what spellings differ in: `cover_image`, `coverImage` and `Cover-Image`."""
    return _fold(name) if len(name) <= _LONGEST else ""


@lru_cache(maxsize=2_000)
def _fold(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "").replace(" ", "")


def by_folded_name(fields: Mapping[str, object]) -> Mapping[str, object]:
    """The fields that have a value; of several spellings of a name, the first one counts."""
    folded: dict[str, object] = {}
    for name, value in fields.items():
        if value not in (None, "", [], {}):
            folded.setdefault(fold_name(name), value)
    return folded


def as_mapping(value: object) -> Mapping[str, object]:
    """The fields of a group of fields; of anything else none."""
    return value if isinstance(value, dict) else {}
