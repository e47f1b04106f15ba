"""Inspect a database without opening it for use."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from storage.models import SourceState


@dataclass(frozen=True, slots=True)
class Contents:
    """How much a database contains.

    `paused` counts the subscriptions that the bot paused, `orphaned` the stories that none of the
    sources that were asked about has any more.
    """

    stories: int
    subscriptions: int
    paused: int
    uncertain: int
    failed: int
    orphaned: int


@dataclass(frozen=True, slots=True)
class DatabaseFile:
    """A database from outside.

    `version` is that of its schema, `newest` the one that this program writes. `size` is in bytes,
    with what is not merged into the file yet. `in_use`: whether a bot uses it; None if unknown.
    """

    version: int
    newest: int
    size: int
    in_use: bool | None


@dataclass(frozen=True, slots=True)
class Damage:
    """Something in a database that no version can have written.

    `place` is the row, such as `posts 7`, or the part of the database; `problem` says what is
    wrong with it.
    """

    place: str
    problem: str


class Diagnostics(Protocol):
    """Reads a database without creating, migrating or changing it, even while a bot uses it.

    Every method may raise the errors of opening the store.
    """

    async def exists(self) -> bool:
        """Whether there is a database, or a file in its place that is not one."""

    async def inspect_file(self) -> DatabaseFile | None:
        """Version and size of the database; None if it is missing.

        This program must not have the database open.
        """

    async def unfinished_upgrade(self) -> int | None:
        """How far an upgrade is that was interrupted, in percent; None if there is none.

        Opening the store finishes it.
        """

    async def inspect_contents(self, sources: Sequence[str]) -> Contents | None:
        """Check the database for damage and count its contents; None if it is missing or empty.

        `sources` are the names of the configured sources.
        """

    async def find_damage(self, *, deep: bool = False) -> Sequence[Damage]:
        """Decode every row; return what is damaged, in the order of the tables.

        `deep`: also check the database's own structure, and compare whatever is stored twice or can
        be derived from something else. This takes a temporary copy of the whole database.
        Empty if the database is missing, empty, of an earlier version, or not upgraded completely.
        """

    async def count_orphaned(self, sources: Sequence[str]) -> int:
        """Only `Contents.orphaned`, without the check for damage."""

    async def inspect_value(self, name: str) -> str | None:
        """A value of `KeyValueStore`; None if there is none, or no database."""

    async def inspect_sources(self) -> Sequence[SourceState]:
        """The state of every source that has been read.

        Empty if there is no database, or one of a version that did not record it, or one that is
        not upgraded completely.
        """
