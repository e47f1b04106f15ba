"""How parsing gives a document up."""

from __future__ import annotations

from storage.models import Rejection


class RejectedError(Exception):
    """The document can't become an article; it never leaves `bot.ingest.document`."""

    def __init__(self, reason: str, *, line: int | None = None, field: str | None = None) -> None:
        super().__init__(reason)
        self.rejection = Rejection(reason, line, field)
