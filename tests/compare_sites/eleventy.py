"""Sites of Eleventy with many habits, built with `eleventy`."""

import json
import random
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from os import environ
from pathlib import Path
from unicodedata import normalize
from urllib.parse import quote

from tests.compare_sites.comparison import BuiltPage, Program
from tests.compare_sites.programs import npm_program, run_program

WORDS = (
    *("harbour", "Mill", "quiet", "LIGHT", "river", "Zürich", "façade", "Straße", "你好", "東京"),
    *(
        "Привет",
        "C++",
        "node.js",
        "v2.0",
        "rock & roll",
        "it's",
        "don\u2019t",
        "a_b",
        "(draft)",
        "été",
    ),
    *("Œuvre", "café", "100%", "[tag]", "semi;colon", "at@home", "1,000", "x—y", "Ελλάδα", "i18n"),
)
FOLDERS = ("", "", "", "2023/", "Deep Folder/", "2024-01-02-trip/", "a.b/", "notes/deep/", "en/")
DATES = (
    *("%Y-%m-%d", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+02:00"),
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S -05:00", "'%Y-%m-%d'", "'%Y-%m-%dT%H:%M'"),
    "%Y-%m-%dT%H:%M:%S.500Z",
)
PERMALINKS = (
    *("/own/N/", "own/N/index.html", "/own/N.html", "false", "/Ünï N/x/", "/a//N/../b N/"),
    *("/{{ page.fileSlug }}-N/", "/p/{{ title | slugify }}-N/", "{{ page.filePathStem }}-N.html"),
    "/{{ page.date | date: '%Y/%m/%d' }}/{{ page.fileSlug | slugify }}-N/index.html",
    "/{{ section }}/{{ title | slug }}-N/",
    "/{% if section %}{{ section | upcase }}{% else %}none{% endif %}/N/",
)
NUNJUCKS = (
    *("/own/N/", "false", "/{{ page.fileSlug }}-N/", "/p/{{ title | slugify }}-N/index.html"),
    *("/{{ section or 'x' }}/N/", "/{{ title | lower | replace(' ', '-') | slugify }}/N/"),
    "/p/{{ page.date | htmlDateString }}/{{ page.fileSlug }}-N/",
    "{{ '/joined/' + page.fileSlug + '/N/' }}",
)
DUMP = """
const fs = require("node:fs");
module.exports = function (eleventyConfig) {
  eleventyConfig.addCollection("dump", function (api) {
    const pages = api.getAll().map((item) => ({
      inputPath: item.inputPath, url: item.url, date: item.date, title: item.data.title,
      lang: item.data.lang || item.page.lang
    }));
    fs.writeFileSync("dump.json", JSON.stringify(pages));
    return [];
  });
};
"""


@dataclass(frozen=True, slots=True)
class Site:
    """A configuration: its files, the folder of its pages, and what its permalinks look like."""

    name: str
    files: Mapping[str, str]
    posts: str
    content: str
    permalinks: Sequence[str] = PERMALINKS
    settings: Mapping[str, object] = field(default_factory=dict)
    address: str = "https://blog.example"

    def write(self, folder: Path, chance: random.Random, posts: int) -> None:
        """See `Program`."""
        for name, text in self.files.items():
            _write(folder / name, text)
        for name in ("_includes/part.md", "_site/old.md", "node_modules/x/a.md", "drafts/a.md"):
            _write(folder / name, "---\ntitle: Not a page\ndate: 2024-01-01\n---\n")
        for number in range(posts):
            _write_post(folder / self.posts, self, chance, number)

    def build(self, folder: Path) -> Mapping[str, BuiltPage]:
        """See `Program`."""
        modules = npm_program("npm/eleventy") / "node_modules"
        copy = folder / "copy"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("copy", "node_modules"))
        (copy / "node_modules").symlink_to(modules)
        (copy / "dump.cjs").write_text(DUMP)
        command: list[str | Path] = ["node", modules / "@11ty" / "eleventy" / "cmd.cjs", "--quiet"]
        run_program(command, copy, {**environ, "TZ": "UTC"})
        pages: dict[str, BuiltPage] = {}
        start = f"./{self.content}/" if self.content else "./"
        for page in json.loads((copy / "dump.json").read_text("utf-8")):
            if page["url"] is False or page["inputPath"] == "./README.md":
                continue  # Sources leave it out.
            if not page["inputPath"].endswith(".md"):
                continue
            pages[page["inputPath"].removeprefix(start)] = BuiltPage(
                address=self.address + quote(page["url"], safe="/;,:@&=+$-_.!~*'()"),
                title=page["title"] and normalize("NFC", " ".join(page["title"].split())),
                published_at=datetime.fromisoformat(page["date"]),
                language=page.get("lang"),
            )
        return pages

    @property
    def program(self) -> Program:
        """The program that builds this site."""
        settings = {"exclude": ["copy/", "README.md", "clones/"], **self.settings}
        return Program(f"eleventy-{self.name}", self.content, self.write, self.build, settings)


def _write_post(folder: Path, site: Site, chance: random.Random, number: int) -> None:
    words = [chance.choice(WORDS) for _ in range(chance.randint(1, 4))]
    stem = chance.choice(" -_.").join([*words, f"n{number}"]).replace("/", "-")
    moment = datetime(2019, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randint(0, 60 * 24 * 3600))
    inner = chance.choice(FOLDERS)
    has_date = chance.random() < 0.7
    kind = chance.random()
    if kind < 0.3 or not has_date:
        stem = f"{moment:%Y-%m-%d}-{stem}"
    elif kind < 0.4:
        stem = f"{stem}/index"
    elif kind < 0.5:
        stem = f"{stem}/{stem}"
    fields = {"title": json.dumps(f"{' '.join(words)} {number}", ensure_ascii=False)}
    if has_date:
        fields["date"] = moment.strftime(chance.choice(DATES))
    if chance.random() < 0.35:
        fields["permalink"] = json.dumps(
            chance.choice(site.permalinks).replace("N", str(number)), ensure_ascii=False
        )
        if fields["permalink"] == '"false"':
            fields["permalink"] = "false"
    options = {
        "draft": chance.choice(("true", "false")),
        "section": "News",
        "tags": "[a, b]",
        "lang": chance.choice(("en", "de")),
        "layout": "post.njk",
        "eleventyExcludeFromCollections": "true",
        "slug": "not-a-slug",
    }
    chances = {"section": 0.5, "eleventyExcludeFromCollections": 0.05, "draft": 0.1}
    fields |= {
        name: value for name, value in options.items() if chance.random() < chances.get(name, 0.15)
    }
    block = "".join(f"{name}: {value}\n" for name, value in fields.items())
    path = folder / inner / f"{stem}.md"
    _write(path, f"---\n{block}---\n\nSome text.\n")
    if chance.random() < 0.1:
        data = {"section": "Own", "lang": "fr"}
        name = f"{path.name.removesuffix('.md')}.11tydata.json"
        _write(path.with_name(name), json.dumps(data))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="")


DRAFTS = """
  eleventyConfig.addPreprocessor("drafts", "*", (data, content) => {
    if (data.draft) return false;
  });
"""
SITES: Sequence[Site] = (
    Site(
        "default",
        {
            ".eleventy.js": "module.exports = function (eleventyConfig) {"
            '\n  eleventyConfig.addPlugin(require("./dump.cjs"));'
            f"{DRAFTS}\n  eleventyConfig.ignores.add('drafts/**');\n}};\n",
            "posts/posts.json": '{"tags": "posts", "lang": "en"}',
            "posts/notes/notes.11tydata.json": '{"permalink": "/n/{{ page.fileSlug }}/"}',
            "_includes/post.njk": "---\nsection: Layout\n---\n{{ content | safe }}",
            "README.md": "---\ntitle: Read me\ndate: 2024-01-01\n---\n",
            "about.md": "---\ntitle: About\ndate: 2024-01-01\n---\n",
            ".eleventyignore": "# comment\nposts/2023\n*.tmp.md\n",
            ".gitignore": "dump.json\n_site/\n",
        },
        posts="posts",
        content="",
        settings={"base_url": "https://blog.example/"},
    ),
    Site(
        "blog",
        {
            "package.json": '{"type": "module"}',
            "eleventy.config.js": 'import dump from "./dump.cjs";\n'
            'import { HtmlBasePlugin } from "@11ty/eleventy";\n'
            "export default function (eleventyConfig) {\n  eleventyConfig.addPlugin(dump);\n"
            f"  eleventyConfig.addPlugin(HtmlBasePlugin);\n{DRAFTS}"
            '  eleventyConfig.addFilter("htmlDateString", (d) => d.toISOString().slice(0, 10));\n'
            "};\nexport const config = {\n"
            '  markdownTemplateEngine: "njk", htmlTemplateEngine: "njk",\n'
            '  dir: { input: "content", includes: "../_includes", data: "../_data" },\n'
            '  pathPrefix: "/sub/",\n};\n',
            "_data/metadata.js": 'export default {\n  title: "A blog",\n'
            '  url: "https://blog.example/",\n  language: "en",\n};\n',
            "content/blog/blog.11tydata.js": 'export default {\n  tags: ["posts"],\n'
            '  layout: "layouts/post.njk",\n};\n',
            "content/blog/notes/notes.11tydata.js": "export default {\n"
            "  permalink: (data) => `/n/${data.page.fileSlug}/`,\n};\n",
            "_includes/layouts/post.njk": "---\nsection: Layout\n---\n{{ content | safe }}",
            "_includes/post.njk": "{{ content | safe }}",
            "content/about.md": "---\ntitle: About\ndate: 2024-01-01\n---\n",
        },
        posts="content/blog",
        content="content",
        permalinks=NUNJUCKS,
        address="https://blog.example/sub",
    ),
    Site(
        "permalinks",
        {
            "eleventy.config.cjs": "const { EleventyI18nPlugin } = require('@11ty/eleventy');\n"
            "module.exports = (eleventyConfig) => {\n"
            '  eleventyConfig.addPlugin(require("./dump.cjs"));\n'
            "  eleventyConfig.addPlugin(EleventyI18nPlugin, { defaultLanguage: 'de' });\n"
            "  eleventyConfig.setInputDirectory('src');\n"
            "  eleventyConfig.addLayoutAlias('post.njk', 'layouts/own.njk');\n"
            f"{DRAFTS}  return {{ dir: {{ output: 'docs' }} }};\n}};\n",
            "src/_data/site.json": '{"url": "https://blog.example"}',
            "src/posts/posts.11tydata.cjs": "module.exports = {\n  permalink:\n"
            "    \"/{{ page.date | date: '%Y/%m' }}/{{ title | slugify }}-{{ page.fileSlug }}/\",\n"
            "};\n",
            "src/posts/en/en.json": '{"permalink": "/en/{{ page.fileSlug }}/"}',
            "src/posts/2023/2023.11tydata.cjs": "module.exports = {\n  eleventyComputed: {\n"
            '    permalink: "/computed/{{ section }}/{{ page.fileSlug }}/",\n  },\n};\n',
            "src/_includes/layouts/own.njk": "---\nlang: it\n---\n{{ content | safe }}",
        },
        posts="src/posts",
        content="src",
    ),
)
PROGRAMS = tuple(site.program for site in SITES)
