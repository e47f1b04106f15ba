"""Sites of Astro with many habits, built with `astro build`."""

import html
import json
import random
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from os import environ
from pathlib import Path
from unicodedata import normalize

from bot.urls.safety import parse_web_address
from tests.compare_sites.comparison import BuiltPage, Program
from tests.compare_sites.programs import npm_program, run_program

WORDS = (
    *("harbour", "Mill", "LIGHT", "river", "Zürich", "façade", "Straße", "你好", "東京", "서울"),
    *(
        "Привет",
        "C++",
        "node.js",
        "v2.0",
        "50% off",
        "rock & roll",
        "it's",
        "a_b",
        "x—y",
        "(draft)",
    ),
    *("naïve", "Œuvre", "emoji 🎉", "[tag]", "q~z", "a+b", "semi;colon", "at@home", "1,000"),
    *("İstanbul", "e\u0301", "ﬁne", "½", "Ⓐ", "ⅷ", "ªº", "हिन्दी", "--dash--"),
)
FOLDERS = ("", "", "", "2026/", "Deep Folder/", "技术/", "_hidden/", "a.b/", "en/", "de/", "_x/y/")
DATES = (
    *("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.000Z"),
    *("%Y-%m-%dT%H:%M:%S+09:00", "%Y-%m-%d %H:%M:%S -05:00", "'%Y-%m-%d'", "%b %d %Y", "%B %d, %Y"),
    *("%d %b %Y", "'%Y/%m/%d'", "%Y/%m/%d %H:%M"),
)
DATE_FIELDS = ("pubDate", "pubDatetime", "publishDate", "date", "published", "pubdate")
MARK = "data-page-of-the-comparison"
_MARKED = re.compile(rf'{MARK}="([^"]*)"')

SHOW_ENTRY = f"""---
const {{ entry }} = Astro.props;
const dates = {json.dumps(DATE_FIELDS)}.map((name) => entry.data[name]).filter((each) => each);
const shown = {{
  url: Astro.url.pathname, path: entry.filePath, title: entry.data.title, date: dates[0],
}};
---
<p {MARK}={{JSON.stringify(shown)}}></p>
"""
SHOW_PAGE = f"""---
const {{ frontmatter, file }} = Astro.props;
const shown = {{
  url: Astro.url.pathname, path: file, title: frontmatter.title, date: new Date(frontmatter.date),
}};
---
<p {MARK}={{JSON.stringify(shown)}}></p>
"""
ENTRIES = """---
import {{ getCollection }} from 'astro:content';
import Show from '{up}layouts/Entry.astro';
export async function getStaticPaths() {{
  const entries = await getCollection('{collection}', ({{ data }}) => !data.draft);
  return entries.map((entry) => ({{ {params}, props: {{ entry }} }}));
}}
---
<Show entry={{Astro.props.entry}} />
"""
SCHEMA = (
    "z.object({title: z.string(), draft: z.boolean().optional(), "
    + ", ".join(f"{name}: z.coerce.date().optional()" for name in DATE_FIELDS)
    + "})"
)


@dataclass(frozen=True, slots=True)
class Site:
    """A configuration of Astro and the pages and collections that go with it."""

    name: str
    files: Mapping[str, str]
    write_posts: Callable[[Path, random.Random, int], None]
    settings: Mapping[str, object]

    def write(self, folder: Path, chance: random.Random, posts: int) -> None:
        """See `Program`."""
        shared = {
            "package.json": '{"type": "module"}',
            "src/layouts/Entry.astro": SHOW_ENTRY,
            "src/layouts/Page.astro": SHOW_PAGE,
        }
        for path, text in {**shared, **self.files}.items():
            _write(folder / path, text)
        self.write_posts(folder, chance, posts)

    def build(self, folder: Path) -> Mapping[str, BuiltPage]:
        """See `Program`."""
        program = npm_program("npm/astro")
        environment = {**environ, "TZ": "UTC", "ASTRO_TELEMETRY_DISABLED": "1"}
        # Astro finds packages only in the folders above a site, not behind a link.
        with tempfile.TemporaryDirectory(dir=program) as copy:
            site = shutil.copytree(folder, Path(copy), dirs_exist_ok=True).resolve()
            run_program([program / "node_modules/.bin/astro", "build"], site, environment)
            return _read_pages(site)

    @property
    def program(self) -> Program:
        """The program that builds this site."""
        return Program(f"astro-{self.name}", "", self.write, self.build, self.settings)


def _read_pages(site: Path) -> Mapping[str, BuiltPage]:
    """The pages with a mark, by the path of their source."""
    pages: dict[str, BuiltPage] = {}
    for file in (site / "dist").rglob("*.html"):
        marked = _MARKED.search(file.read_text("utf-8"))
        if marked is None:
            continue
        page = json.loads(html.unescape(marked[1]))
        key = page["path"].removeprefix(f"{site}/")
        pages[key] = BuiltPage(
            address=parse_web_address(f"https://site.example{page['url']}") or page["url"],
            title=normalize("NFC", page["title"]),
            published_at=datetime.fromisoformat(page["date"]),
            language=page.get("lang"),
        )
    return pages


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="")


def _stem(chance: random.Random, number: int) -> str:
    words = [chance.choice(WORDS) for _ in range(chance.randint(1, 4))]
    stem = chance.choice(" -_.").join([*words, f"n{number}"])
    kind = chance.random()
    if kind < 0.1:
        return f"{stem}/index"
    return f"_{stem}" if kind < 0.15 else stem


def _front_matter(chance: random.Random, number: int, date_field: str = "") -> dict[str, str]:
    moment = datetime(2019, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randint(0, 60 * 24 * 3600))
    name = date_field or chance.choice(DATE_FIELDS)
    fields = {
        "title": json.dumps(f"{chance.choice(WORDS)} {number}", ensure_ascii=False),
        name: moment.strftime(chance.choice(DATES)),
    }
    if chance.random() < 0.1:
        fields["draft"] = chance.choice(("true", "false"))
    return fields


def _document(fields: Mapping[str, str]) -> str:
    block = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return f"---\n{block}---\n\nSome text.\n"


def _write_entries(folder: Path, chance: random.Random, posts: int, slugs: float = 0.1) -> None:
    for number in range(posts):
        fields = _front_matter(chance, number)
        if chance.random() < slugs:
            fields["slug"] = chance.choice(
                (f"own-{number}", f"Own Slug/{number}.x", f"/lead-{number}/")
            )
        path = f"{chance.choice(FOLDERS)}{_stem(chance, number)}"
        ending = chance.choice((".md", ".mdx", ".md"))
        if ending == ".mdx":
            path = path.replace("%", "")  # Astro fails at it.
        _write(folder / f"{path}{ending}", _document(fields))


def _write_collections(folder: Path, chance: random.Random, posts: int) -> None:
    _write_entries(folder / "src/content/blog", chance, posts)
    _write_entries(folder / "src/data/notes", chance, posts // 5, slugs=0)
    _write_entries(folder / "content/own", chance, posts // 5, slugs=0.5)
    _write_entries(folder / "src/content/people", chance, posts // 20)
    for number in range(posts // 5):
        fields = {**_front_matter(chance, number, "date"), "layout": "/src/layouts/Page.astro"}
        fields.pop("draft", None)
        path = f"{chance.choice(FOLDERS)}{_stem(chance, number)}"
        # Brackets are parameters, and Vite fails at a percent sign.
        path = path.translate(str.maketrans("", "", "[]%"))
        _write(folder / f"src/pages/{path}.md", _document(fields))


COLLECTIONS = Site(
    "collections",
    {
        "astro.config.mjs": """
import { defineConfig } from 'astro/config';
import mdx from '@astrojs/mdx';
export default defineConfig({ site: 'https://site.example', integrations: [mdx()] });
""",
        "src/content.config.ts": f"""
import {{ defineCollection, z }} from 'astro:content';
import {{ glob }} from 'astro/loaders';
const schema = {SCHEMA};
const blog = defineCollection({{
  loader: glob({{ pattern: '**/*.{{md,mdx}}', base: './src/content/blog' }}), schema,
}});
const notes = defineCollection({{
  loader: glob({{ pattern: ['**/[^_]*.md', '!**/_*/**'], base: 'src/data/notes' }}), schema,
}});
const own = defineCollection({{
  loader: glob({{
    pattern: '**/*.md', base: './content/own',
    generateId: ({{ entry }}) => entry.replace(/\\.md$/, ''),
  }}),
  schema,
}});
const people = defineCollection({{
  loader: glob({{ pattern: '**/*.md', base: './src/content/people' }}), schema,
}});
export const collections = {{ blog, notes, own, people }};
""",
        "src/pages/blog/[...slug].astro": ENTRIES.format(
            up="../../", collection="blog", params="params: { slug: entry.id }"
        ),
        "src/pages/notes/[...id]/index.astro": ENTRIES.format(
            up="../../../", collection="notes", params="params: { id: entry.id }"
        ),
        "src/pages/own/[...path].astro": ENTRIES.format(
            up="../../", collection="own", params="params: { path: entry.id }"
        ),
        "src/pages/tags/[tag].astro": """---
import { getCollection } from 'astro:content';
export async function getStaticPaths() {
  await getCollection('people');
  return [{ params: { tag: 'a' } }];
}
---
""",
    },
    _write_collections,
    {},
)


def _write_legacy(folder: Path, chance: random.Random, posts: int) -> None:
    _write_entries(folder / "src/content/posts", chance, posts)


LEGACY = Site(
    "legacy",
    {
        "astro.config.ts": """
import { defineConfig } from 'astro/config';
import mdx from '@astrojs/mdx';
import { SITE } from './src/site';
export default defineConfig({
  site: SITE.address, base: '/project', trailingSlash: 'never', integrations: [mdx()],
  legacy: { collections: true },
});
""",
        "src/site.ts": "export const SITE = { address: 'https://site.example' } as const;\n",
        "src/content/config.ts": f"""
import {{ defineCollection, z }} from 'astro:content';
const posts = defineCollection({{ type: 'content', schema: {SCHEMA} }});
export const collections = {{ posts }};
""",
        "src/utils/entries.ts": """
import { getCollection } from 'astro:content';
export const sorted = async () => await getCollection('posts', ({ data }) => !data.draft);
""",
        "src/pages/[...slug].astro": """---
import { sorted } from '../utils/entries';
import Show from '../layouts/Entry.astro';
export async function getStaticPaths() {
  return (await sorted()).map((entry) => ({
    params: { slug: entry.slug },
    props: { entry: { ...entry, filePath: `src/content/posts/${entry.id}` } },
  }));
}
---
<Show entry={Astro.props.entry} />
""",
    },
    _write_legacy,
    {},
)


def _write_languages(folder: Path, chance: random.Random, posts: int) -> None:
    for language in ("en", "de", "pt-br"):
        base = folder / "src/content/blog" / language
        _write_entries(base, chance, posts // 3, slugs=0)


LANGUAGES = Site(
    "languages",
    {
        "astro.config.mjs": """
export default {
  site: 'https://site.example/', base: 'docs/',
  build: { format: 'file' },
  i18n: { defaultLocale: 'en', locales: ['en', 'de', { path: 'pt-br', codes: ['pt-BR', 'pt'] }] },
};
""",
        "src/content.config.mjs": f"""
import {{ defineCollection, z }} from 'astro:content';
import {{ glob }} from 'astro/loaders';
export const collections = {{
  blog: defineCollection({{
    loader: glob({{ pattern: '**/[^_]*.md', base: './src/content/blog' }}), schema: {SCHEMA},
  }}),
}};
""",
        "src/pages/[lang]/blog/[...slug].astro": """---
import { getCollection } from 'astro:content';
import Show from '../../../layouts/Entry.astro';
export async function getStaticPaths() {
  const entries = await getCollection('blog', ({ data }) => data.draft !== true);
  return entries.map((entry) => {
    const [lang, ...slug] = entry.id.split('/');
    return { params: { lang, slug: slug.join('/') || undefined }, props: { entry } };
  });
}
---
<Show entry={Astro.props.entry} />
""",
    },
    _write_languages,
    {"languages": "all"},
)


def _write_documentation(folder: Path, chance: random.Random, posts: int) -> None:
    docs = folder / "src/content/docs"
    for number in range(posts):
        fields = _front_matter(chance, number, "date")
        if chance.random() < 0.1:
            fields["slug"] = chance.choice((f"own-{number}", f"own/deep-{number}"))
        stem = _stem(chance, number).replace("%", "")  # Astro fails at it.
        _write(docs / f"{chance.choice(FOLDERS)}{stem}.md", _document(fields))
    for name in ("index.md", "fr/index.md", "fr/guide/index.mdx"):
        _write(docs / name, _document(_front_matter(chance, 0, "date")))


DOCUMENTATION = Site(
    "starlight",
    {
        "astro.config.mjs": """
import { defineConfig } from 'astro/config';
import starlight from '@astrojs/starlight';
const locales = {
  root: { label: 'English', lang: 'en' }, fr: { label: 'Français', lang: 'fr-FR' },
};
export default defineConfig({
  site: 'https://site.example',
  image: { service: { entrypoint: 'astro/assets/services/noop' } },
  integrations: [
    starlight({
      title: 'Docs', locales, pagefind: false, disable404Route: true, expressiveCode: false,
      components: { Head: './src/Head.astro' },
    }),
  ],
});
""",
        "src/content.config.ts": """
import { defineCollection, z } from 'astro:content';
import { docsLoader } from '@astrojs/starlight/loaders';
import { docsSchema } from '@astrojs/starlight/schema';
const schema = docsSchema({ extend: z.object({ date: z.coerce.date() }) });
export const collections = { docs: defineCollection({ loader: docsLoader(), schema }) };
""",
        "src/Head.astro": f"""---
const {{ entry, lang, isFallback }} = Astro.locals.starlightRoute;
const shown = {{
  url: Astro.url.pathname, path: entry.filePath, title: entry.data.title, date: entry.data.date,
  lang,
}};
---
{{!isFallback && <meta name="page" {MARK}={{JSON.stringify(shown)}} />}}
""",
    },
    _write_documentation,
    {},
)

PROGRAMS: tuple[Program, ...] = tuple(
    each.program for each in (COLLECTIONS, LEGACY, LANGUAGES, DOCUMENTATION)
)
