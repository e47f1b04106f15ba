"""Writing the files of a site, and reading one of its pages."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from bot.ingest.defaults import Defaults
from bot.ingest.document import DocumentReader, Unpublished
from bot.ingest.folder.site_files import site_candidates
from bot.ingest.sites.detection import NO_SITE_OPTIONS, SiteOptions, find_site
from storage.models import Article, Reading

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def write_site(root: Path, files: Mapping[str, str]) -> None:
    """Write the files of a site, by their paths."""
    (root / ".git").mkdir(exist_ok=True)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")


def read_page(
    root: Path,
    path: str,
    *,
    source: str = "",
    options: SiteOptions = NO_SITE_OPTIONS,
    unpublished: Unpublished = "skip",
    now: datetime = NOW,
) -> Reading:
    """Read a page of a site; `source` is the folder within the site that is read as a source."""
    site = find_site(site_candidates(root / source), options)
    settings = options.settings
    defaults = Defaults(base_url=settings.base_url, permalink=settings.permalink)
    reader = DocumentReader(unpublished, defaults, settings.languages, site)
    key = path.removeprefix(f"{source}/") if source else path
    return reader.read((root / path).read_bytes(), key, now).reading


def read_article(root: Path, path: str, **how: object) -> Article:
    """Read a page that must become an article; see `read_page`."""
    reading = read_page(root, path, **how)  # type: ignore[arg-type]  # passed on as given
    assert isinstance(reading, Article), reading
    return reading
