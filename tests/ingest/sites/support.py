"""Writes the files of a site for a test, and reads its pages."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from bot.ingest.article import Unpublished
from bot.ingest.defaults import Defaults
from bot.ingest.document import DocumentReader, TimedReading
from bot.ingest.folder.site_files import site_candidates
from bot.ingest.sites.detection import NO_SITE_OPTIONS, SiteOptions, find_site
from storage.models import Article, Reading

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def write_site(folder: Path, files: Mapping[str, str]) -> None:
    """Write the files of a site, by their paths. The folder is the root of a repository."""
    (folder / ".git").mkdir(exist_ok=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


def read_site_page(
    folder: Path,
    files: Mapping[str, str],
    key: str,
    options: SiteOptions = NO_SITE_OPTIONS,
    *,
    source: str = "",
    unpublished: Unpublished = "skip",
    now: datetime = NOW,
) -> TimedReading:
    """Write files into a folder, and read that with the path `key` as a page of the site there.

    `source` is the folder within the site that is read as a source.
    """
    write_site(folder, files)
    settings = options.settings
    reader = DocumentReader(
        unpublished,
        Defaults(base_url=settings.base_url, permalink=settings.permalink),
        settings.languages,
        find_site(site_candidates(folder / source), options),
    )
    name = key.removeprefix(f"{source}/") if source else key
    return reader.read((folder / key).read_bytes(), name, now)


def read_page(
    folder: Path,
    key: str,
    *,
    source: str = "",
    options: SiteOptions = NO_SITE_OPTIONS,
    unpublished: Unpublished = "skip",
    now: datetime = NOW,
) -> Reading:
    """Read a page of a site that is written already; see `read_site_page`."""
    timed = read_site_page(
        folder, {}, key, options, source=source, unpublished=unpublished, now=now
    )
    return timed.reading


def read_article(
    folder: Path,
    key: str,
    *,
    source: str = "",
    options: SiteOptions = NO_SITE_OPTIONS,
    unpublished: Unpublished = "skip",
) -> Article:
    """Read a page that must become an article; see `read_page`."""
    reading = read_page(folder, key, source=source, options=options, unpublished=unpublished)
    assert isinstance(reading, Article), reading
    return reading
