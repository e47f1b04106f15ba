"""Sources of every kind read the pages of a site, and read them again when that is due."""

from collections.abc import Mapping
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.config.sources import FolderSettings, GitSettings
from bot.ingest.factory import SourceFactory
from bot.ingest.folder import watcher
from bot.ingest.loader import load_source
from bot.ingest.source import Source
from storage.models import LoadCounts
from storage.protocols import Store
from tests.ingest.git_support import Repository
from tests.ingest.support import stories
from tests.support.clock import FakeClock

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CONFIGURATION = "url: https://site.example\nbaseurl: /project\ntimezone: Europe/Berlin\n"


class Site:
    """A site in a folder or a repository, and the source that reads it."""

    def __init__(self, kind: str, folder: Path, clock: FakeClock, store: Store) -> None:
        self.repository = Repository(folder / "site") if kind == "git" else None
        self.folder = folder / "site"
        self.clones = folder / "clones"
        self.clock = clock
        self.store = store

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, and commit them."""
        for name, text in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text, encoding="utf-8")
        if self.repository:
            self.repository.commit()

    async def load(self, path: str = "_posts", **settings: object) -> LoadCounts:
        """Load the source, as `storywire load` does; `path` is its folder in the site."""
        async with SourceFactory.open(self.clock, clones=self.clones) as factory:
            source = self.make(factory, path, settings)
            await self.store.register_sources([source.name])
            return await load_source(source, self.store, self.clock)

    def make(self, factory: SourceFactory, path: str, settings: Mapping[str, object]) -> Source:
        """Make the source."""
        given: dict[str, object] = {"quality": 75, **settings}
        if self.repository is None:
            return factory.make(
                FolderSettings.model_validate({"folder": self.folder / path, **given})
            )
        place = {"git": str(self.folder), "allow_local": True, "path": path}
        return factory.make(GitSettings.model_validate({**place, **given}))

    async def addresses(self) -> list[str]:
        """The addresses of all stories, without the host."""
        return sorted(
            story.article.url.removeprefix("https://site.example")
            for story in await stories(self.store)
            if not story.withdrawn
        )


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture(params=["folder", "git"])
def site(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock, store: Store) -> Site:
    return Site(request.param, tmp_path, clock, store)


def page(title: str, *lines: str) -> str:
    return "\n".join(("---", f"title: {title}", *lines, "---", "", f"Text about {title}.", ""))


async def test_configuration_above_the_source_is_found(site: Site) -> None:
    """It gives the address, the path below it and the time zone."""
    early = page("Early", "date: 2026-11-18 23:30:00 +0000")
    site.write({"_config.yml": CONFIGURATION, "_posts/2026-11-18-early.md": early})
    assert await site.load() == LoadCounts(new=1)
    assert await site.addresses() == ["/project/2026/11/19/early.html"]


async def test_settings_of_the_source_take_precedence(site: Site) -> None:
    early = page("Early", "date: 2026-11-18 23:30:00 +0000")
    site.write({"_config.yml": CONFIGURATION, "_posts/2026-11-18-early.md": early})
    await site.load(base_url="https://site.example/x/", time_zone="UTC", permalink="/:day/:title/")
    assert await site.addresses() == ["/x/18/early/"]


async def test_site_can_be_ignored(site: Site) -> None:
    """With `generator: none`, the pattern of the source is all that is known."""
    site.write({"_config.yml": CONFIGURATION, "_posts/2026-11-18-Some News.md": page("News")})
    settings = {"base_url": "https://site.example/", "permalink": "/:slug/"}
    await site.load(generator="none", **settings)
    assert await site.addresses() == ["/Some%20News/"]


async def test_changed_configuration_is_read(site: Site) -> None:
    """All pages are read again although they are the same; the stories stay."""
    site.write({"_config.yml": CONFIGURATION, "_posts/2026-11-18-news.md": page("News")})
    assert await site.load() == LoadCounts(new=1)
    assert await site.load() == LoadCounts(unchanged=1)
    site.write({"_config.yml": CONFIGURATION + "permalink: /:title/\n"})
    assert await site.load() == LoadCounts(changed=1)
    assert await site.addresses() == ["/project/news/"]
    assert await site.load() == LoadCounts(unchanged=1)


async def test_page_is_read_when_its_time_comes(site: Site, clock: FakeClock) -> None:
    """Its file does not change. Until then it counts as a draft."""
    later = page("Later", "date: 2026-11-20 14:00:00 +0000")
    site.write({"_config.yml": CONFIGURATION, "_posts/2026-11-20-later.md": later})
    assert await site.load() == LoadCounts(drafts=1)
    clock.jump(timedelta(minutes=119))
    assert (await site.load()).new == 0
    clock.jump(timedelta(minutes=2))
    assert (await site.load()).new == 1
    assert (await site.load()).new == 0


async def test_page_expires(site: Site, clock: FakeClock) -> None:
    """It is withdrawn when its generator leaves it out."""
    expires = page("Offer", "date: 2026-11-18", "expiryDate: 2026-11-20T14:00:00Z")
    files = {"hugo.toml": 'baseURL = "https://site.example/"\n', "content/posts/offer.md": expires}
    site.write(files)
    assert (await site.load("content")).new == 1
    clock.jump(timedelta(minutes=119))
    await site.load("content")
    assert await site.addresses() == ["/posts/offer/"]
    clock.jump(timedelta(minutes=2))
    await site.load("content")
    assert await site.addresses() == []


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        ("all", ["/de/posts/a/", "/fr-ca/posts/a/", "/posts/a/"]),
        ("main", ["/posts/a/"]),
        (["de"], ["/de/posts/a/"]),
        (["DE", "fr-CA"], ["/de/posts/a/", "/fr-ca/posts/a/"]),
        (["es"], []),
    ],
)
async def test_languages_are_chosen(site: Site, languages: object, expected: list[str]) -> None:
    """Each language of a page is a story of its own."""
    configuration = (
        'baseURL = "https://site.example/"\ndefaultContentLanguage = "en"\n'
        "[languages.en]\nweight = 1\n[languages.de]\nweight = 2\n[languages.fr-ca]\nweight = 3\n"
    )
    pages = {
        f"content/posts/a{ending}.md": page(f"A{ending}", "date: 2026-11-18")
        for ending in ("", ".de", ".fr-ca")
    }
    site.write({"hugo.toml": configuration, **pages})
    await site.load("content", languages=languages)
    assert await site.addresses() == expected
    codes = {story.article.language for story in await stories(site.store)}
    assert len(codes) == len(expected)


async def test_watched_folder_is_read_when_a_page_is_due(
    tmp_path: Path, clock: FakeClock, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bot reads the folder at that time, although nothing in it changes."""
    monkeypatch.setattr(watcher, "CHECK_MILLISECONDS", 20)
    site = Site("folder", tmp_path, clock, store)
    later = page("Later", "date: 2026-11-20 14:00:00 +0000")
    site.write({"_config.yml": CONFIGURATION, "_posts/2026-11-20-later.md": later})
    async with SourceFactory.open(clock, clones=site.clones) as factory:
        source = site.make(factory, "_posts", {})
        await store.register_sources([source.name])
        async with aclosing(source.changes()) as changes:
            new = 0
            async for _ in changes:
                new += (await load_source(source, store, clock)).new
                if new:
                    break
                clock.jump(timedelta(minutes=121))
    assert await site.addresses() == ["/project/2026/11/20/later.html"]


@pytest.mark.parametrize(
    ("configuration", "name"),
    [
        ({"hugo.toml": 'baseURL = "https://site.example/"\n'}, "content/about.md"),
        ({"_config.yml": CONFIGURATION}, "about.md"),
        ({"mkdocs.yml": "site_url: https://site.example/\n"}, "docs/about.md"),
        ({"astro.config.mjs": "export default {}"}, "src/pages/about.md"),
        ({"eleventy.config.js": "module.exports = {}"}, "about.md"),
        ({"docusaurus.config.js": "module.exports = {}"}, "docs/about.md"),
    ],
)
async def test_undated_pages_are_no_articles(
    tmp_path: Path, clock: FakeClock, store: Store, configuration: dict[str, str], name: str
) -> None:
    """They are about the site, or list its articles; they are not rejected."""
    site = Site("folder", tmp_path, clock, store)
    site.write({**configuration, name: page("About")})
    assert await site.load("", base_url="https://site.example/") == LoadCounts(drafts=1)


@pytest.mark.parametrize(
    "configuration",
    [
        {"hugo.toml": 'baseURL = "https://other.example/"\n'},
        {"_config.yml": CONFIGURATION.replace("/project", "")},
        {"mkdocs.yml": "site_url: https://other.example/\n"},
        {"pelicanconf.py": "PATH = 'content'\n"},
        {"astro.config.mjs": "export default {}", "src/content/blog/b.md": ""},
        {"docusaurus.config.js": "module.exports = {}", "docs/a.md": "# A\n"},
        {"_config.yml": "source_dir: source\n", "source/_posts/b.md": "", "package.json": "{}"},
        {"eleventy.config.js": 'module.exports = {dir: {input: "src"}}'},
    ],
    ids=["hugo", "jekyll", "mkdocs", "pelican", "astro", "docusaurus", "hexo", "eleventy"],
)
async def test_articles_beside_a_site_are_read(site: Site, configuration: dict[str, str]) -> None:
    """The source has a pattern for their addresses, and is no folder of the site's pages."""
    article = page("News", "date: 2026-11-18")
    site.write({**configuration, "articles/news.md": article})
    await site.load("articles", base_url="https://site.example/", permalink="/n/:slug/")
    assert await site.addresses() == ["/n/news/"]
