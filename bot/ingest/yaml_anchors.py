"""The anchors of a YAML document, whose values may occur again: `&name` and `*name`. Pure.

Nested aliases make a text of a few hundred characters stand for billions of values. They share
memory as long as nobody copies them or walks through them, so their number is limited.
"""

from typing import Generic, TypeVar

T = TypeVar("T")
MAX_VALUES = 100_000


class Anchors(Generic[T]):
    """Values by the names of their anchors; `max_aliases` of them may be used."""

    def __init__(self, max_aliases: int) -> None:
        self._values: dict[str, T] = {}
        # Of lists and mappings with an anchor, by their identity.
        self._sizes: dict[int, int] = {}
        self._aliases_left = max_aliases
        self._values_left = MAX_VALUES

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def add(self, name: str, value: T) -> None:
        """Register a finished value, so that no value can contain itself."""
        self._values[name] = value
        self._sizes[id(value)] = self._size(value)

    def find(self, name: str) -> T:
        """Return the value for an alias.

        Raises `KeyError` if there is none, and `ValueError` if there are too many.
        """
        value = self._values[name]
        self._aliases_left -= 1
        self._values_left -= self._size(value)
        if self._aliases_left < 0 or self._values_left < 0:
            raise ValueError("too many aliases")
        return value

    def _size(self, value: object) -> int:
        """How many values it stands for; that of values with an anchor is known already."""
        if not isinstance(value, list | dict):
            return 1
        if (size := self._sizes.get(id(value))) is not None:
            return size
        return 1 + sum(map(self._size, value.values() if isinstance(value, dict) else value))
