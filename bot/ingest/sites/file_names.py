"""Names of files to look for in a site, for `SiteFiles.find`."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NamesEndingWith(Collection[str]):
    """All names with one of some endings."""

    endings: tuple[str, ...]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.endswith(self.endings)

    def __iter__(self) -> Iterator[str]:
        return iter(self.endings)

    def __len__(self) -> int:
        return len(self.endings)
