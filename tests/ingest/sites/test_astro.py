"""Expected addresses are those that Astro 5.18 writes for these files (`make compare-sites`)."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.config.sources import Generator
from bot.ingest.sites.astro.slugs import github_slug
from bot.ingest.sites.detection import SiteOptions
from bot.ingest.sites.site import SiteSettings
from storage.models import Article, Rejection, UnpublishedDocument
from tests.ingest.sites.support import read_article, read_page, write_site

CONFIGURATION = "export default defineConfig({ site: 'https://site.example' })"
COLLECTIONS = """
import { glob } from 'astro/loaders';
const blog = defineCollection({
  loader: glob({ pattern: '**/*.{md,mdx}', base: './src/content/blog' }), schema: z.object({}),
});
const notes = defineCollection({ loader: glob({ pattern: '**/[^_]*.md', base: 'data/notes' }) });
const people = defineCollection({ loader: glob({ pattern: '*.md', base: 'src/people' }) });
export const collections = { blog, notes, people };
"""
ROUTE = """---
import { getCollection } from 'astro:content';
export async function getStaticPaths() {
  const posts = await getCollection('blog');
  return posts.map((post) => ({ params: { slug: post.id }, props: post }));
}
---
<h1>Title</h1>
"""
SITE = {
    "astro.config.mjs": CONFIGURATION,
    "src/content.config.ts": COLLECTIONS,
    "src/pages/blog/[...slug].astro": ROUTE,
    "src/pages/[note].astro": ROUTE.replace("blog", "notes").replace("slug:", "note:"),
    "src/pages/tags/[tag].astro": ROUTE.replace("blog", "notes").replace("slug:", "tag:"),
}
POST = "---\ntitle: A title\npubDate: 2026-03-02\n---\nText\n"


def options(**settings: object) -> SiteOptions:
    return SiteOptions(Generator.ASTRO, SiteSettings(**settings))  # type: ignore[arg-type]  # passed on as given


def address(root: Path, path: str, text: str = POST, site: dict[str, str] | None = None) -> str:
    """The address of a page of a site, below that of the site."""
    write_site(root, {**(SITE if site is None else site), path: text})
    return read_article(root, path).url.removeprefix("https://site.example")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tool-2.0.mdx", "/blog/tool-20/"),
        ("Upper CASE.md", "/blog/upper-case/"),
        ("Sub Dir/index.md", "/blog/sub-dir/"),
        ("index.md", "/blog/index/"),
        ("deep/er/index.mdx", "/blog/deep/er/"),
        ("Übergröße.md", "/blog/%C3%BCbergr%C3%B6%C3%9Fe/"),
        ("日本語.md", "/blog/%E6%97%A5%E6%9C%AC%E8%AA%9E/"),
        ("a_b & c+d.md", "/blog/a_b--cd/"),
        ("_hidden/_x.md", "/blog/_hidden/_x/"),
        ("50% off.md", "/blog/50-off/"),
        ("2026-03-02-dated.md", "/blog/2026-03-02-dated/"),
        ("émoji-😀.md", "/blog/%C3%A9moji-/"),
        ("dash--x-.md", "/blog/dash--x-/"),
        ("v1.2.3/notes.md", "/blog/v123/notes/"),
    ],
)
def test_address_from_the_name_of_a_file(tmp_path: Path, path: str, expected: str) -> None:
    """The id of an entry is its path without punctuation, in lower case."""
    assert address(tmp_path, f"src/content/blog/{path}") == expected


@pytest.mark.parametrize(
    ("slug", "expected"),
    [
        ("Custom/Slug.X", "/blog/Custom/Slug.X/"),
        ("/lead/", "/blog/lead/"),
        ("a b ü", "/blog/a%20b%20%C3%BC/"),
        ('""', "/blog/name/"),
        ("a/index", "/blog/a/index/"),
    ],
)
def test_slug_of_the_front_matter(tmp_path: Path, slug: str, expected: str) -> None:
    """A slug is used as it is written."""
    text = POST.replace("title", f"slug: {slug}\ntitle", 1)
    assert address(tmp_path, "src/content/blog/name.md", text) == expected


def test_collections_with_their_own_folder(tmp_path: Path) -> None:
    """A loader says which files belong to a collection, and a page where they are shown."""
    assert address(tmp_path, "data/notes/One.md") == "/one/"
    for other in ("data/notes/_draft.md", "data/notes/x.mdx", "data/other.md", "README.md"):
        write_site(tmp_path, {other: POST})
        assert read_page(tmp_path, other) == UnpublishedDocument(), other


def test_collections_without_a_page(tmp_path: Path) -> None:
    """Entries that no page of the site shows are not published."""
    write_site(tmp_path, {**SITE, "src/people/ada.md": POST})
    assert read_page(tmp_path, "src/people/ada.md") == UnpublishedDocument()


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        ("{site: 'https://site.example', base: '/project'}", "/project/blog/a/"),
        ("{site: 'https://site.example/', base: 'project/'}", "/project/blog/a/"),
        ("{site: 'https://site.example/x'}", "/x/blog/a/"),
        ("{site: 'https://site.example', trailingSlash: 'never'}", "/blog/a"),
        ("{site: 'https://site.example', trailingSlash: 'always'}", "/blog/a/"),
        ("{site: 'https://site.example', build: {format: 'file'}}", "/blog/a.html"),
        ("{site: 'https://site.example', build: {format: 'preserve'}}", "/blog/a.html"),
    ],
)
def test_addresses_as_configured(tmp_path: Path, configuration: str, expected: str) -> None:
    """The base path and the form of addresses are those of the configuration."""
    site = {**SITE, "astro.config.mjs": f"export default {configuration}"}
    assert address(tmp_path, "src/content/blog/a.md", site=site) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("about.md", "/about/"),
        ("a.b.md", "/a.b/"),
        ("de/Über uns.md", "/de/%C3%9Cber%20uns/"),
        ("de/index.md", "/de/"),
        ("posts/2026-03-02-x.mdx", "/posts/2026-03-02-x/"),
    ],
)
def test_pages_have_the_address_of_their_path(tmp_path: Path, path: str, expected: str) -> None:
    """Files in `src/pages` are pages themselves; their names are not changed."""
    assert address(tmp_path, f"src/pages/{path}") == expected


@pytest.mark.parametrize("path", ["_draft.md", "_drafts/a.md", ".hidden.md"])
def test_private_files_in_pages(tmp_path: Path, path: str) -> None:
    """A name that begins with an underscore is no page."""
    write_site(tmp_path, {**SITE, f"src/pages/{path}": POST})
    assert read_page(tmp_path, f"src/pages/{path}") == UnpublishedDocument()


@pytest.mark.parametrize("configured", [True, False])
@pytest.mark.parametrize(
    ("source", "key", "expected"),
    [
        ("", "src/content/blog/tool-2.0.mdx", "/blog/tool-20/"),
        ("src/content/blog", "tool-2.0.mdx", "/blog/tool-20/"),
        ("src/content", "blog/deep/Tool 2.0.md", "/blog/deep/tool-20/"),
    ],
)
def test_the_pattern_of_the_settings(
    tmp_path: Path, source: str, key: str, expected: str, configured: bool
) -> None:
    """A permalink of the settings replaces the pages of the site, which need not be there."""
    path = f"{source}/{key}" if source else key
    write_site(tmp_path, {path: POST})
    if configured:
        write_site(tmp_path, {"astro.config.mjs": CONFIGURATION})
    settings = options(base_url="https://site.example/", permalink="/blog/:slug/")
    article = read_article(tmp_path, path, source=source, options=settings)
    assert article.url == f"https://site.example{expected}"


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({}, "/blog/tool-20/"),
        ({"package.json": '{"dependencies": {"astro": "^5"}}'}, "/blog/tool-20/"),
        ({"package.json": '{"dependencies": {"next": "^15"}}'}, "/blog/tool-2.0/"),
    ],
)
@pytest.mark.parametrize("source", ["", "src/content/blog"])
def test_sites_without_a_configuration(
    tmp_path: Path, others: dict[str, str], expected: str, source: str
) -> None:
    """The folder of Astro's collections is enough to recognise it, unless packages say more."""
    path = "src/content/blog/tool-2.0.mdx"
    write_site(tmp_path, {path: POST, **others})
    settings = SiteOptions(
        settings=SiteSettings(base_url="https://site.example/", permalink="/blog/:slug/")
    )
    article = read_article(tmp_path, path, source=source, options=settings)
    assert article.url == f"https://site.example{expected}"


@pytest.mark.parametrize("value", ["/own/a/", "https://site.example/own/a/"])
def test_the_page_names_its_address(tmp_path: Path, value: str) -> None:
    """If nothing else says where an entry is, its own address counts."""
    text = POST.replace("title", f"permalink: {value}\ntitle", 1)
    write_site(tmp_path, {"src/content/blog/a.md": text})
    settings = options(base_url="https://site.example/")
    article = read_article(tmp_path, "src/content/blog/a.md", options=settings)
    assert article.url == "https://site.example/own/a/"


def test_a_folder_alone(tmp_path: Path) -> None:
    """Of a folder outside of any site, all pages are entries of one collection."""
    folder = tmp_path / "posts"
    folder.mkdir()
    write_site(folder, {"Sub/v1.0.md": POST})
    settings = options(base_url="https://site.example/", permalink="/:year/:slug/")
    article = read_article(folder, "Sub/v1.0.md", options=settings)
    assert article.url == "https://site.example/2026/sub/v10/"


@pytest.mark.parametrize(
    "route",
    [
        "src/pages/posts/[slug].astro",
        "src/pages/posts/[...slug]/index.astro",
        "src/pages/posts/[id].astro",
        "src/pages/posts/[post].astro",
    ],
)
def test_collections_without_a_loader(tmp_path: Path, route: str) -> None:
    """Before Astro 5, every folder of `src/content` is a collection; underscores are private."""
    site = {
        "astro.config.mjs": CONFIGURATION,
        "src/content/config.ts": "export const collections = {posts: defineCollection({})}",
        "src/lib/posts.ts": "export const all = () => getCollection<P>('posts', isNoDraft)",
        route: "---\nimport { all } from '@/lib/posts'\n---",
        "src/content/posts/_wip/a.md": POST,
    }
    assert address(tmp_path, "src/content/posts/Hello.World.md", site=site) == "/posts/helloworld/"
    assert read_page(tmp_path, "src/content/posts/_wip/a.md") == UnpublishedDocument()
    del site["src/content/config.ts"]
    assert address(tmp_path, "src/content/posts/b.md", site=site) == "/posts/b/"


def test_addresses_that_the_site_computes(tmp_path: Path) -> None:
    """Where code decides the address of an entry, the settings have to say it."""
    site = {
        "astro.config.mjs": CONFIGURATION,
        "src/pages/[year]/[slug].astro": ROUTE,
        "src/content/blog/a.md": POST,
    }
    write_site(tmp_path, site)
    reading = read_page(tmp_path, "src/content/blog/a.md")
    assert isinstance(reading, Rejection)
    assert "set `permalink`" in reading.reason


def test_a_field_as_the_address(tmp_path: Path) -> None:
    """A page may take the address from a field of its entries."""
    site = {**SITE, "src/pages/blog/[...slug].astro": ROUTE.replace("post.id", "post.data.path")}
    text = POST.replace("title", "path: Own/Path\ntitle", 1)
    assert address(tmp_path, "src/content/blog/a.md", text, site) == "/blog/Own/Path/"
    assert address(tmp_path, "src/content/blog/B.md", POST, site) == "/blog/b/"


LANGUAGES = {
    **SITE,
    "astro.config.mjs": """
    export default {site: 'https://site.example', i18n: {
      defaultLocale: 'en', locales: ['en', 'de', {path: 'br', codes: ['pt-BR', 'pt']}],
    }}""",
    "src/pages/[lang]/blog/[...slug].astro": """---
    const pages = await getCollection('blog');
    return pages.map(page => {
      const [lang, ...slug] = page.id.split('/');
      return { params: { lang, slug: slug.join('/') || undefined }, props: page };
    });
---""",
}
del LANGUAGES["src/pages/blog/[...slug].astro"]


@pytest.mark.parametrize(
    ("path", "expected", "language"),
    [
        ("src/content/blog/en/Hello.md", "/en/blog/hello/", "en"),
        ("src/content/blog/br/v1.0/index.md", "/br/blog/v10/", "pt-BR"),
        ("src/pages/de/a.md", "/de/a/", "de"),
        ("src/pages/a.md", "/a/", "en"),
    ],
)
def test_languages_by_folder(tmp_path: Path, path: str, expected: str, language: str) -> None:
    """The first folder of an entry is its language, and the rest is its address."""
    assert address(tmp_path, path, site=LANGUAGES) == expected
    assert read_article(tmp_path, path).language == language


def test_only_the_main_language(tmp_path: Path) -> None:
    """A source may read the site's main language only."""
    pages = {f"src/content/blog/{each}/a.md": POST for each in ("en", "de")}
    write_site(tmp_path, {**LANGUAGES, **pages})
    main = options(languages=())
    assert isinstance(read_page(tmp_path, "src/content/blog/en/a.md", options=main), Article)
    reading = read_page(tmp_path, "src/content/blog/de/a.md", options=main)
    assert reading == UnpublishedDocument()


@pytest.mark.parametrize(
    ("path", "expected", "language"),
    [
        ("index.mdx", "/", "en"),
        ("guides/Getting Started.md", "/guides/getting-started/", "en"),
        ("guides/index.md", "/guides/", "en"),
        ("fr/guides/a.md", "/fr/guides/a/", "fr-FR"),
    ],
)
def test_starlight(tmp_path: Path, path: str, expected: str, language: str) -> None:
    """The documents of Starlight have their paths as addresses."""
    site = {
        "astro.config.mjs": """export default defineConfig({
          site: 'https://site.example',
          integrations: [starlight({ title: 'Docs', defaultLocale: 'root', locales: {
            root: {label: 'English', lang: 'en'}, fr: {label: 'Français', lang: 'fr-FR'} } })],
        })""",
        "src/content.config.ts": "export const collections = "
        "{ docs: defineCollection({ loader: docsLoader(), schema: docsSchema() }) }",
    }
    page = f"src/content/docs/{path}"
    assert address(tmp_path, page, site=site) == expected
    assert read_article(tmp_path, page).language == language


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("pubDate: 2026-03-02T10:00:00+09:00", datetime(2026, 3, 2, 1, tzinfo=UTC)),
        ("pubDatetime: 2026-03-02 10:00:00", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("published: 2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)),
        ("publishDate: Mar 02 2026", datetime(2026, 3, 1, 15, tzinfo=UTC)),
        ("date: '2026/03/02 10:00'", datetime(2026, 3, 2, 1, tzinfo=UTC)),
        ("date: 2/3/2026", datetime(2026, 2, 2, 15, tzinfo=UTC)),
        ("date: 2026-3-2", datetime(2026, 3, 1, 15, tzinfo=UTC)),
        ("date: 2026-03", datetime(2026, 3, 1, tzinfo=UTC)),
        ("date: 2017-02-29", datetime(2017, 3, 1, tzinfo=UTC)),
        ("updatedDate: 2026-05-01\ndate: 2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)),
        ("pubDate: 2026-03-02\ndate: soon", datetime(2026, 3, 2, tzinfo=UTC)),
    ],
)
def test_dates(tmp_path: Path, field: str, expected: datetime) -> None:
    """A date that YAML reads is in UTC; another text is in the zone of who builds the site."""
    text = f"---\ntitle: T\n{field}\n---\n"
    write_site(tmp_path, {**SITE, "src/content/blog/a.md": text})
    zone = options(time_zone="Asia/Tokyo")
    assert read_article(tmp_path, "src/content/blog/a.md", options=zone).published_at == expected


@pytest.mark.parametrize(
    "field",
    [
        *("draft: true", "published: false", "unlisted: true", "isDraft: true", "publish: false"),
        *("status: draft", "hidden: true", "Draft: yes"),
    ],
)
def test_drafts(tmp_path: Path, field: str) -> None:
    """Drafts are not read, although Astro leaves that to the site."""
    text = POST.replace("title", f"{field}\ntitle", 1)
    write_site(tmp_path, {**SITE, "src/content/blog/a.md": text})
    assert read_page(tmp_path, "src/content/blog/a.md") == UnpublishedDocument()


@pytest.mark.parametrize(
    "condition",
    [
        "!data.draft && data.pubDate <= new Date()",
        "Date.now() >\n new Date(data.pubDate).getTime() - SITE.scheduledPostMargin",
        "!isFuture(data.pubDate)",
        "data.pubDate.valueOf() < now.valueOf()",
    ],
)
@pytest.mark.parametrize("module", ["src/pages/blog/[...slug].astro", "src/utils/filter.ts"])
def test_sites_that_hold_posts_back(tmp_path: Path, condition: str, module: str) -> None:
    """If the code of a site compares dates with the time, a post is read when its time comes."""
    page = "src/content/blog/a.md"
    site = {**SITE, page: POST.replace("2026-03-02", "2026-12-24")}
    assert address(tmp_path, page, site[page], site) == "/blog/a/"
    if module.endswith(".ts"):
        site[module] = f"export default ({{ data }}) => {{ return {condition}; }}"
        site["src/utils/posts.ts"] = "import isShown from './filter'"
        site["src/pages/blog/[...slug].astro"] = ROUTE.replace(
            "astro:content';", "astro:content'; import { all } from '@/utils/posts'"
        )
    else:
        site[module] = ROUTE.replace("('blog')", f"('blog', ({{data}}) => {condition})")
    write_site(tmp_path, site)
    assert read_page(tmp_path, page) == UnpublishedDocument()
    later = datetime(2026, 12, 24, tzinfo=UTC)
    assert isinstance(read_page(tmp_path, page, now=later), Article)
    everything = read_page(tmp_path, page, unpublished="announce", options=options(drafts=True))
    assert isinstance(everything, Article)


@pytest.mark.parametrize("path", ["src/pages/about.md", "src/content/docs/guide.md"])
def test_pages_without_a_date(tmp_path: Path, path: str) -> None:
    """Documentation and pages about the site are no news."""
    configuration = "export default {integrations: [starlight({title: 'Docs'})]}"
    write_site(tmp_path, {**SITE, "astro.config.mjs": configuration, path: "---\ntitle: T\n---\n"})
    assert read_page(tmp_path, path) == UnpublishedDocument()


def test_a_file_that_is_no_page(tmp_path: Path) -> None:
    """It is passed over, whatever it contains."""
    write_site(tmp_path, {**SITE, "CONTRIBUTING.md": "# Hello\n"})
    assert read_page(tmp_path, "CONTRIBUTING.md") == UnpublishedDocument()


@pytest.mark.parametrize(
    ("name", "title", "text", "expected"),
    [
        ("a.md", "", "# The *quiet* lake\n\nText.", "The quiet lake"),
        ("a.mdx", "title:", 'import A from "./A";\n\n# The lake\n', "The lake"),
        ("2026-11-20-the-lake.md", "title: ''", "Text.", "The lake"),
        ("2026-11-20-the-lake/index.md", "", "Text.", "The lake"),
        ("a.md", "title: Given", "# The lake", "Given"),
    ],
)
def test_titles(tmp_path: Path, name: str, title: str, text: str, expected: str) -> None:
    """Without one, a post has that of its first heading, else that of its file."""
    page = f"src/content/blog/{name}"
    write_site(tmp_path, {**SITE, page: f"---\ndate: 2026-11-20\n{title}\n---\n{text}\n"})
    assert read_article(tmp_path, page).title == expected


def test_a_title_of_spaces(tmp_path: Path) -> None:
    """It is rejected: it is there, but can't be shown."""
    page = "src/content/blog/a.md"
    write_site(tmp_path, {**SITE, page: "---\ndate: 2026-11-20\ntitle: ' '\n---\n# The lake\n"})
    reading = read_page(tmp_path, page)
    assert isinstance(reading, Rejection)
    assert (reading.field, reading.reason) == ("title", "has no visible character")


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("image: /a.png", "https://site.example/project/a.png"),
        ("heroImage: https://cdn.example/a.png", "https://cdn.example/a.png"),
        ("image: {src: /img/a.png, alt: A}", "https://site.example/project/img/a.png"),
        ("heroImage: ./a.png", None),
        ("ogImage: ../../assets/images/a.png", None),
        ("image: '@assets/a.png'", None),
        ("cover: {src: /src/assets/a.png, alt: A}", None),
        ("image: false", None),
    ],
)
def test_pictures(tmp_path: Path, field: str, expected: str | None) -> None:
    """Pictures of `public` are known; those of `src` get new names, and are left out."""
    text = POST.replace("title", f"{field}\ntitle", 1)
    configuration = "export default {site: 'https://site.example', base: '/project/'}"
    site = {**SITE, "astro.config.mjs": configuration, "src/content/blog/a.md": text}
    write_site(tmp_path, site)
    images = read_article(tmp_path, "src/content/blog/a.md").images
    assert [each.url for each in images] == ([expected] if expected else [])


def test_redirects(tmp_path: Path) -> None:
    """The redirects of the configuration are other addresses of a page."""
    configuration = """export default {site: 'https://site.example', redirects: {
      '/old': '/blog/a', '/older/': {status: 301, destination: '/blog/a/'}, '/x': '/y'}}"""
    site = {**SITE, "astro.config.mjs": configuration, "src/content/blog/a.md": POST}
    write_site(tmp_path, site)
    addresses = read_article(tmp_path, "src/content/blog/a.md").addresses
    assert addresses == tuple(f"https://site.example/{each}" for each in ("blog/a", "old", "older"))


@pytest.mark.parametrize(
    "name", ["astro.config.mjs", "src/content.config.ts", "src/content/config.ts"]
)
@pytest.mark.parametrize(
    "text", ["", "}{", "export default 1", "export const collections = [1]", "\0"]
)
def test_configurations_that_say_nothing(tmp_path: Path, name: str, text: str) -> None:
    """What can't be understood in a configuration is left out."""
    site = {"astro.config.mjs": CONFIGURATION, "src/pages/blog/[...slug].astro": ROUTE, name: text}
    page = "src/content/blog/a.md"
    write_site(tmp_path, {**site, page: POST})
    article = read_article(tmp_path, page, options=options(base_url="https://site.example/"))
    assert article.url == "https://site.example/blog/a/"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("İstanbul", "i̇stanbul"),
        ("Ⓐ½①ⅷ", "ⓐⅷ"),
        ("a-b_c d", "a-b_c-d"),
        ("हिन्दी", "हिन्दी"),
        ("rock & roll!", "rock--roll"),
        ("a\tb\u00a0c", "abc"),
        ("", ""),
    ],
)
def test_github_slugs(text: str, slug: str) -> None:
    """Letters, marks and digits are kept; other characters but spaces are dropped."""
    assert github_slug(text) == slug


def test_names_that_are_not_utf_8(tmp_path: Path) -> None:
    """A name that can't be decoded triggers no error."""
    path = b"src/pages/caf\xe9.md".decode("utf-8", "surrogateescape")
    assert address(tmp_path, path) == "/caf%3F/"
