"""Sites of Docusaurus with many habits, loaded as for `docusaurus build`."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from os import environ
from pathlib import Path
from unicodedata import normalize
from urllib.parse import quote

from bot.urls.safety import parse_web_address
from tests.compare_sites.comparison import BuiltPage, Program
from tests.compare_sites.programs import npm_program, run_program

WORDS = (
    *("harbour", "Mill", "LIGHT", "river", "Zürich", "façade", "Straße", "你好", "東京", "서울"),
    *("Привет", "C++", "node.js", "v2.0", "rock & roll", "it's", "a_b", "x—y", "(draft)", "-dash"),
    *("naïve", "Œuvre", "emoji 🎉", "[tag]", "q~z", "a+b", "semi;colon", "at@home", "1,000", "01"),
    *("İstanbul", "e\u0301", "ﬁne", "2024", "50% off", "index", "README", "x.test"),
)
FOLDERS = ("", "", "", "2026/", "Deep Folder/", "技术/", "_hidden/", "a.b/", "guides/", "02-Two/")
DATES = (
    *("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.000Z"),
    *("%Y-%m-%dT%H:%M:%S+09:00", "%Y-%m-%d %H:%M:%S -05:00", "'%Y-%m-%d'", "%Y-%m-%dT%H:%M"),
    *("%Y/%m/%d", "%Y-%m-%d %H:%M", "%b %d, %Y", "%Y-%m-%dT%H:%M:%S", "%B %d, %Y"),
)
NAMES = (
    *("%Y-%m-%d-{stem}", "%Y-%m-%d-{stem}/index", "%Y/%m/%d/{stem}", "%Y/%m/%d-{stem}"),
    *("%Y-%m-%d/{stem}", "%Y/%m-%d-{stem}", "%Y/%m/%d/{stem}/index", "%Y-%m-%d_{stem}", "%Y-%m-%d"),
    *("%Y/%Y-%m-%d-{stem}", "{stem}-%Y-%m-%d", "%Y-%m-%d {stem}"),
)
HEADINGS = (
    *("# {title}", "# {title} {{#an-id}}", "# {title} ##", "{title}\n===", "#   `{title}`"),
    *("import X from './x';\n\n# {title}", "import X from './x'\nimport Y from 'y'\n\n\n# {title}"),
    *("Text.\n\n# {title}", "## {title}", "#{title}", "# {title} **bold** [link](/a)"),
)


@dataclass(frozen=True, slots=True)
class Site:
    """A configuration of Docusaurus, with what writes the files of such a site."""

    name: str
    configuration: str
    write_files: Callable[[Path, random.Random, int], None]
    locales: tuple[str, ...] = ("-",)
    typescript: bool = False

    def write(self, folder: Path, chance: random.Random, posts: int) -> None:
        """See `Program`."""
        ending = "ts" if self.typescript else "js"
        _write(folder / f"docusaurus.config.{ending}", self.configuration)
        _write(folder / "package.json", '{"private": true}')
        _write(folder / "src/pages/index.md", "---\ntitle: Home\ndraft: true\n---\n")
        self.write_files(folder, chance, posts)

    def build(self, folder: Path) -> Mapping[str, BuiltPage]:
        """See `Program`."""
        program = npm_program("npm/docusaurus")
        link = folder / "node_modules"
        link.symlink_to(program / "node_modules")
        output = folder / "pages.jsonl"
        environment = {**environ, "TZ": "UTC", "NODE_ENV": "production"}
        command: list[str | Path] = ["node", program / "pages.mjs", folder, output, *self.locales]
        run_program(command, folder, environment)
        link.unlink()
        pages: dict[str, BuiltPage] = {}
        for line in output.read_text("utf-8").splitlines():
            page = json.loads(line)
            # Without a translation, a page is there in every language. The first one counts.
            if page["date"] is None or page["source"] in pages:
                continue
            path = quote(page["path"], safe="/:@!$&'()*+,;=~[]")
            pages[page["source"]] = BuiltPage(
                address=parse_web_address(f"https://site.example{path}") or path,
                # A name such as 2026-03-02.md gives a page without a title.
                title=normalize("NFC", page["title"].strip()) or None,
                published_at=datetime.fromisoformat(page["date"]),
                language=None if page["locale"] == "-" else page["locale"],
            )
        return pages

    @property
    def program(self) -> Program:
        """The program that builds this site."""
        settings = {"exclude": ["/package.json"]}  # otherwise not README.md
        return Program(f"docusaurus-{self.name}", "", self.write, self.build, settings)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="")


def _stem(chance: random.Random, number: int) -> str:
    words = [chance.choice(WORDS) for _ in range(chance.randint(1, 3))]
    return chance.choice(" -_.").join([*words, f"n{number}"])


def _moment(chance: random.Random) -> datetime:
    return datetime(2019, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randint(0, 60 * 24 * 3600))


def _document(fields: Mapping[str, str], text: str, chance: random.Random) -> str:
    if not fields and chance.random() < 0.5:
        return f"{text}\n\nText.\n"
    block = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return f"---\n{block}---\n\n{text}\n\nText.\n"


def _write_post(folder: Path, chance: random.Random, number: int) -> str:
    """Write a post and return its path within the blog."""
    moment = _moment(chance)
    fields: dict[str, str] = {}
    path = chance.choice(FOLDERS)
    if chance.random() < 0.7:
        path += moment.strftime(chance.choice(NAMES)).format(stem=_stem(chance, number))
        has_date = chance.random() < 0.3
    else:
        path += _stem(chance, number) + chance.choice(("", "", "/index"))
        has_date = True
    if has_date:
        fields["date"] = _moment(chance).strftime(chance.choice(DATES))
    title = f"{chance.choice(WORDS)} {number}"
    heading = chance.choice(HEADINGS).format(title=title)
    if chance.random() < 0.6:
        fields["title"] = json.dumps(title, ensure_ascii=False)
    if chance.random() < 0.2:
        slugs = (
            f"own-{number}",
            f"/own/{number}",
            f"a b {number}/",
            f"Ünï/{number}",
            f"x.{number}",
        )
        fields["slug"] = chance.choice(slugs)
    if chance.random() < 0.12:
        fields[chance.choice(("draft", "unlisted"))] = chance.choice(("true", "false"))
    path += chance.choice((".md", ".mdx"))
    _write(folder / path, _document(fields, heading, chance))
    return path


def _write_doc(folder: Path, chance: random.Random, number: int) -> str:
    """Write a document and return its path within the documentation."""
    fields = {"date": _moment(chance).strftime("%Y-%m-%d")}
    # Docusaurus refuses some characters in the paths of documents.
    stem = _stem(chance, number).translate(str.maketrans("", "", "%[]"))
    kind = chance.random()
    if kind < 0.15:
        name = f"{stem}/{chance.choice(('index', 'README', stem, 'Index'))}"
    else:
        name = chance.choice(("{}", "0{}", "01-{}", "2. {}", "003 - {}", "2021-11-{}", "7.0-{}"))
        name = name.format(stem)
    if chance.random() < 0.2:
        slugs = (f"own-{number}", f"/own/{number}", f"../up-{number}", f"a/./b-{number}/")
        fields["slug"] = chance.choice(slugs)
    if chance.random() < 0.1:
        fields["id"] = f"id-{number}"
    if chance.random() < 0.1:
        fields["parse_number_prefixes"] = "false"
    if chance.random() < 0.5:
        fields["title"] = f"Document {number}"
    heading = chance.choice(HEADINGS).format(title=f"Heading {number}")
    path = f"{chance.choice(FOLDERS)}{name}{chance.choice(('.md', '.mdx'))}"
    _write(folder / path, _document(fields, heading, chance))
    return path


def _write_usual(folder: Path, chance: random.Random, posts: int) -> None:
    for number in range(posts):
        _write_post(folder / "blog", chance, number)
    for number in range(posts // 2):
        _write_doc(folder / "docs", chance, number)


USUAL = Site(
    "usual",
    """
// @ts-check
/** @type {import('@docusaurus/types').Config} */
const config = {
  title: 'A site', url: 'https://site.example', baseUrl: '/', onBrokenLinks: 'ignore',
  presets: [['classic', /** @type {import('@docusaurus/preset-classic').Options} */ ({
    docs: { sidebarPath: undefined }, blog: { showReadingTime: true },
  })]],
};
module.exports = config;
""",
    _write_usual,
)


def _write_several(folder: Path, chance: random.Random, posts: int) -> None:
    for number in range(posts):
        blog = chance.choice(("posts", "news/items", "releases"))
        _write_post(folder / blog, chance, number)
    for number in range(posts // 4):
        _write_doc(folder / "guides", chance, number)
        _write_doc(folder / "guides_versioned_docs/version-1.0", chance, number)
        _write_doc(folder / "guides_versioned_docs/version-2.0", chance, number)
    _write(folder / "guides_versions.json", '["2.0", "1.0"]')
    for version in ("1.0", "2.0"):
        _write(folder / f"guides_versioned_sidebars/version-{version}-sidebars.json", "{}")


SEVERAL = Site(
    "several",
    """
import type { Config } from '@docusaurus/types';
const POSTS = 'posts';
export default async function create() {
  const config: Config = {
    title: 'A site', url: 'https://site.example', baseUrl: '/project/', trailingSlash: true,
    onBrokenLinks: 'ignore',
    presets: [[require.resolve('@docusaurus/preset-classic'), {
      docs: false, blog: { path: `./${POSTS}`, routeBasePath: '/' },
      pages: { routeBasePath: 'pages' },
    }]],
    plugins: [
      ['content-blog', { id: 'news', path: 'news/items', routeBasePath: 'company/news' }],
      ['@docusaurus/plugin-content-blog', {
        id: 'releases', path: 'releases', routeBasePath: '/releases/', exclude: ['**/2026/**'],
      }],
      ['@docusaurus/plugin-content-docs', {
        id: 'guides', path: 'guides', routeBasePath: 'learn', sidebarPath: undefined,
      }],
    ],
  };
  return config;
}
""",
    _write_several,
    typescript=True,
)


def _write_translations(folder: Path, chance: random.Random, posts: int) -> None:
    for number in range(posts):
        path = _write_post(folder / "blog", chance, number)
        for language in ("fr", "pt"):
            if chance.random() < 0.4:
                translated = folder / f"i18n/{language}/docusaurus-plugin-content-blog" / path
                text = (folder / "blog" / path).read_text("utf-8")
                _write(translated, text.replace("title: ", "title: Titre "))
    for number in range(posts // 5):
        path = _write_doc(folder / "docs", chance, number)
        translated = folder / "i18n/fr/docusaurus-plugin-content-docs/current" / path
        _write(translated, (folder / "docs" / path).read_text("utf-8"))


TRANSLATIONS = Site(
    "translations",
    """
const languages = ['en', 'fr', 'pt-BR'];
module.exports = {
  title: 'A site', url: 'https://site.example', baseUrl: '/', trailingSlash: false,
  onBrokenLinks: 'ignore',
  i18n: { defaultLocale: 'en', locales: languages, localeConfigs: { 'pt-BR': { path: 'pt' } } },
  presets: [['@docusaurus/preset-classic', { docs: {}, blog: {} }]],
};
""",
    _write_translations,
    locales=("en", "fr", "pt-BR"),
)

PROGRAMS: tuple[Program, ...] = tuple(each.program for each in (USUAL, SEVERAL, TRANSLATIONS))
