"""Reads pages of a site that is written for a test."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from bot.ingest.defaults import Defaults
from bot.ingest.document import DocumentReader, TimedReading, Unpublished
from bot.ingest.folder.site_files import site_candidates
from bot.ingest.sites.detection import SiteOptions, find_site

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def read_site_page(
    folder: Path,
    files: Mapping[str, str],
    key: str,
    options: SiteOptions = SiteOptions(),  # noqa: B008 - a constant
    *,
    unpublished: Unpublished = "skip",
    now: datetime = NOW,
) -> TimedReading:
    """Write files into a folder, and read that with the path `key` as a page of the site there."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    settings = options.settings
    reader = DocumentReader(
        unpublished,
        Defaults(base_url=settings.base_url, permalink=settings.permalink),
        settings.languages,
        find_site(site_candidates(folder), options),
    )
    return reader.read((folder / key).read_bytes(), key, now)
