from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.config.sources import FolderSettings
from bot.ingest.factory import SourceFactory
from storage.models import NO_DOCUMENTS, Article, UnpublishedDocument
from tests.support.clock import FakeClock

NOW = datetime(2026, 3, 10, tzinfo=UTC)
HIDDEN = UnpublishedDocument()


async def read_site(
    folder: Path, files: Mapping[str, str], settings: Mapping[str, object], source: str = ""
) -> Mapping[str, object]:
    """Write a site, and read a folder of it as a source."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    given = {"folder": folder / source, "base_url": "https://site.example/", **settings}
    async with SourceFactory.open(FakeClock(NOW), clones=folder / "clones") as factory:
        changes = await factory.make(FolderSettings.model_validate(given)).read(NO_DOCUMENTS, None)
    return {document.key: document.reading for document in changes.documents}


async def read_one(
    folder: Path, path: str, text: str, files: Mapping[str, str] | None = None, **settings: object
) -> object:
    """Return what is read from one page of a site."""
    given = {"generator": "hugo", **settings}
    readings = await read_site(folder, {**(files or {}), path: text}, given)
    return readings[path]


async def address_of(
    folder: Path, path: str, text: str, files: Mapping[str, str] | None = None, **settings: object
) -> str:
    reading = await read_one(folder, path, text, files, **settings)
    assert isinstance(reading, Article), reading
    return reading.url.removeprefix("https://site.example")


def page(*lines: str, date: str | None = "2026-03-02") -> str:
    dated = [f"date: {date}"] if date else []
    return "\n".join(("---", *lines, *dated, "---", "Text."))


@pytest.mark.parametrize(
    ("path", "fields", "permalink", "expected"),
    [
        (
            "content/posts/2026-03-02_Autumn-Fair/index.md",
            'title: "What the Autumn Fair brings: five ideas"',
            "/:year/:month/:slug/",
            "/2026/03/what-the-autumn-fair-brings-five-ideas/",
        ),
        ("content/blog/x.md", "title: C# & F# – 50% off!", "/:slug/", "/c%23-f%23-50-off/"),
        (
            "content/x.md",
            "title: Ärger/Übel mit Öl",
            "/:title",
            "/%C3%A4rger-%C3%BCbel-mit-%C3%B6l/",
        ),
        (
            "content/x.md",
            "title: 日本語、見出し。",
            "/a/:slug/",
            "/a/%E6%97%A5%E6%9C%AC%E8%AA%9E%E8%A6%8B%E5%87%BA%E3%81%97/",
        ),
        ("content/post/x.md", "title: x\nslug: Night-TRAINS", "/:day/:slug/", "/02/night-trains/"),
        ("content/post/x.md", "title: x\nslug: -Über Nacht-", "/:slug/", "/%C3%BCber-nacht/"),
        ("content/post/x.md", "title: x\nSlug: a/B c.d", "/:slug/", "/a/b-c.d/"),
        ("post/My Page.md", "title: x", "/p/:filename/", "/p/my-page/"),
        ("post/My Page/index.md", "title: x", "/:contentbasename/", "/my-page/"),
        ("content/a/b/x.md", "title: x\nslug: s", "/:slugorfilename/", "/s/"),
        ("content/a/b/x.md", "title: x", "/:section/:sections/:title/", "/a/a/x/"),
        (
            "content/a/x.md",
            "title: x",
            "/:yearday/:weekday/:weekdayname/:title/",
            "/61/1/monday/x/",
        ),
        ("content/a/x.md", "title: x", "/:2006:01:02/:January/:title/", "/20260302/march/x/"),
    ],
)
async def test_a_pattern_makes_addresses_as_hugo_does(
    tmp_path: Path, path: str, fields: str, permalink: str, expected: str
) -> None:
    """Slugs come from titles; everything is in lower case, as in `hugo` itself."""
    assert await address_of(tmp_path, path, page(fields), permalink=permalink) == expected
