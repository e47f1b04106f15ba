"""Reads values of configuration and front matter as Hugo converts them. Pure.

Hugo takes keys in any case: https://gohugo.io/content-management/front-matter/#fields.
"""

from collections.abc import Mapping, Sequence

# Values of a flag that are true, as in Go: https://pkg.go.dev/strconv#ParseBool.
_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})


def lower_keys(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the fields with keys in lower case, also in groups within them."""
    return {name.lower(): _lower_keys_in(value) for name, value in fields.items()}


def _lower_keys_in(value: object) -> object:
    if isinstance(value, dict):
        return lower_keys(value)
    if isinstance(value, list):
        return [_lower_keys_in(each) for each in value]
    return value


def flag(value: object) -> bool | None:
    """Return a flag; None if the value is none."""
    if isinstance(value, str):
        return True if value in _TRUE else False if value in _FALSE else None
    return None


def is_true(value: object) -> bool:
    """Return whether a flag is set."""
    return flag(value) is True


def text(value: object) -> str:
    """Return a text; empty if the value is none."""
    return value if isinstance(value, str) else ""


def group(value: object) -> Mapping[str, object]:
    """Return a group of fields; empty if the value is none."""
    return value if isinstance(value, dict) else {}


def texts(value: object) -> Sequence[str]:
    """Return a list of texts; a single text counts as a list, and what is not text is left out.

    A single text is split at spaces, as Hugo does.
    """
    if isinstance(value, str):
        return value.split()
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def groups(value: object) -> Sequence[Mapping[str, object]]:
    """Return a list of groups of fields; a single group counts as a list."""
    if isinstance(value, dict):
        return [value]
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def merge(base: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """Return both groups, the values of `over` first, and groups within them merged likewise."""
    merged = dict(base)
    for name, value in over.items():
        below = merged.get(name)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            merged[name] = merge(below, value)
        else:
            merged[name] = value
    return merged
