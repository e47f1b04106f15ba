"""What every aggregate of the store is made of."""

from __future__ import annotations

from storage.sqlite.codec import ArticleCodec
from storage.sqlite.database import Database


class Aggregate:
    """The base of the store's parts, which share one open database and one codec."""

    def __init__(self, database: Database, codec: ArticleCodec) -> None:
        self._database = database
        self._codec = codec
