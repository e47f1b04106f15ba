"""Compares what Storywire reads from a site with what its generator makes of it."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.clock import SystemClock
from bot.config.sources import FolderSettings
from bot.ingest.factory import SourceFactory
from storage.models import NO_DOCUMENTS, Article


class UnavailableError(Exception):
    """A program is not installed, and no package registry has it; the text says which."""


@dataclass(frozen=True, slots=True)
class BuiltPage:
    """A page as the generator wrote it. `published_at` has a time zone; None is not compared."""

    address: str
    title: str | None
    published_at: datetime | None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """A generator: writes a site of many posts into a folder, and builds it.

    `write` returns nothing and leaves the source files and the configuration below the folder,
    `build` runs the real program and returns its pages by the path of their source within
    `content` (the folder that is read as a source), leaving out what it does not publish. It
    raises `UnavailableError` if the program can't be had.
    """

    name: str
    content: str
    write: Callable[[Path, random.Random, int], None]
    build: Callable[[Path], Mapping[str, BuiltPage]]
    settings: Mapping[str, object]
    goal: float = 0.97


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result for one generator; `differences` are lines of text, one per page that differs."""

    program: str
    pages: int
    published: int
    differences: Sequence[str]

    @property
    def equal(self) -> float:
        """The part of the pages that are equal."""
        return 1 - len(self.differences) / self.pages if self.pages else 0.0


async def compare(program: Program, folder: Path, seed: int, posts: int) -> Comparison:
    """Write and build a site, read it as a source, and compare page by page."""
    program.write(folder, random.Random(seed), posts)  # noqa: S311 - a repeatable site
    built = program.build(folder)
    read = await _read(folder / program.content, folder / "clones", program.settings)
    keys = sorted(built.keys() | read.keys())
    differences = [
        f"{key}: {problem}"
        for key in keys
        if (problem := _difference(built.get(key), read.get(key)))
    ]
    return Comparison(program.name, len(keys), len(built), differences)


async def _read(
    content: Path, clones: Path, settings: Mapping[str, object]
) -> Mapping[str, object]:
    """Return what Storywire reads from each file: an article, a draft or a rejection."""
    async with SourceFactory.open(SystemClock(), clones=clones) as factory:
        source = factory.make(FolderSettings.model_validate({"folder": content, **settings}))
        changes = await source.read(NO_DOCUMENTS, None)
        return {document.key: document.reading for document in changes.documents}


def _difference(built: BuiltPage | None, read: object) -> str:
    """Describe how a page differs; empty if it does not."""
    if built is None:
        return f"not published by the generator, but read as {read}" if _is_read(read) else ""
    if not isinstance(read, Article):
        return f"published as {built.address}, but read as {read}"
    pairs = (
        ("address", built.address, read.url),
        ("title", built.title, read.title),
        ("date", built.published_at, read.published_at),
        ("language", built.language, read.language),
    )
    return "; ".join(
        f"{name} is {theirs}, read as {ours}"
        for name, theirs, ours in pairs
        if theirs is not None and theirs != ours
    )


def _is_read(read: object) -> bool:
    return isinstance(read, Article)
