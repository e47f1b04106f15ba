"""Set damaged rows aside: they are left out and logged, and everything else goes on."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from storage.errors import DamagedRowError
from storage.sqlite.values import Row

T = TypeVar("T")

logger = logging.getLogger(__name__)

# After that many lines, a log would only repeat what `storywire check` lists.
MAX_LOGGED = 200


class DamageLog:
    """Decodes rows, and logs each damaged one once."""

    def __init__(self) -> None:
        self._rows: dict[str, set[str]] = {}
        # Sources of which all documents were decoded, and damaged ones that will be read again.
        self.verified_sources: set[int] = set()
        self.reread_documents: set[int] = set()
        self._logged = 0

    def decode_all(self, rows: Iterable[Row], decode: Callable[[Row], T]) -> list[T]:
        """Decode rows, and leave out the damaged ones."""
        decoded = []
        for row in rows:
            try:
                decoded.append(decode(row))
            except DamagedRowError as error:
                self.note(error)
        return decoded

    def decode(self, row: Row, decode: Callable[[Row], T]) -> T:
        """Decode a row. Raises `DamagedRowError`."""
        try:
            return decode(row)
        except DamagedRowError as error:
            self.note(error)
            raise

    def decode_or_none(self, row: Row | None, decode: Callable[[Row], T]) -> T | None:
        """Decode a row that may be missing, for callers that can do without a damaged one."""
        return next(iter(self.decode_all(() if row is None else (row,), decode)), None)

    def note(self, error: DamagedRowError) -> None:
        """Log a damaged row, unless that was done before."""
        known = self._rows.setdefault(error.table, set())
        if error.row in known:
            return
        known.add(error.row)
        self._logged += 1
        if self._logged <= MAX_LOGGED:
            logger.error("%s", error)
        elif self._logged == MAX_LOGGED + 1:
            logger.error("more rows are damaged; `storywire check` lists them")

    def rows(self, table: str) -> set[int]:
        """The ids of the damaged rows of a table, as far as they are known."""
        return {int(row) for row in self._rows.get(table, ()) if row.isdecimal()}

    def forget(self, table: str, row_ids: Iterable[int]) -> None:
        """Forget rows that are replaced."""
        if known := self._rows.get(table):
            replaced = list(row_ids)
            known.difference_update(map(str, replaced))
            self.reread_documents.difference_update(replaced)
