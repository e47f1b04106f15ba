"""Sites of Hexo with many habits, built with `hexo generate`."""

import json
import random
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from os import environ
from pathlib import Path
from unicodedata import normalize

from tests.compare_sites.comparison import BuiltPage, Program
from tests.compare_sites.programs import npm_program, run_program

WORDS = (
    *("harbour", "Mill", "quiet", "LIGHT", "river", "Zürich", "façade", "Straße", "你好", "世界"),
    *("東京", "서울", "Привет", "données", "C++", "node.js", "v2.0", "50%", "rock & roll", "it's"),
    *("a_b", "x—y", "(draft)", "été", "naïve", "Œuvre", "café", "emoji 🎉", "[tag]", "q~z", "a+b"),
    *("semi;colon", "at@home", "1,000", "Ǆ", "ﬁne", "İstanbul", "e\u0301"),
)
CATEGORIES = ("News", "local news", "技术", "Être", "C#", "a/b", "Deep.Dive", "UPPER")
ENDINGS = (".md", ".md", ".md", ".md", ".markdown", ".mkd", ".mdx", ".txt", ".MD")
FOLDERS = ("", "", "", "2023/", "Deep Folder/", "技术/", "_hidden/", ".dot/", "a.b/", "en/", "de/")
# JavaScript and YAML read these as dates.
DATES = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S.123Z",
    "%Y-%m-%dT%H:%M:%S+08:00",
    "%Y-%m-%d %H:%M:%S +0800",
    "%Y-%m-%d %H:%M:%S -05:00",
    "'%Y-%m-%d %H:%M:%S'",
    "%B %d, %Y",
    "%d %b %Y %H:%M",
    "%a, %d %b %Y %H:%M:%S GMT",
)
# Anything may stand in the name of a folder.
_LANGUAGE = re.compile(r"(?!default)[A-Za-z]{2,3}(?:-[A-Za-z]+)?")
LAYOUT = """{{ {
  kind: "page of the comparison", source: page.source, permalink: page.permalink,
  title: page.title, date: page.date.toISOString(), lang: page.lang
} | dump | safe }}"""


@dataclass(frozen=True, slots=True)
class Site:
    """A configuration: lines of `_config.yml`, the machine's zone, the packages of plugins."""

    name: str
    configuration: str
    machine_zone: str = "UTC"
    packages: tuple[str, ...] = ()
    dated_names: bool = False
    dates_in_names: bool = False
    language_folders: bool = False

    def write(self, folder: Path, chance: random.Random, posts: int) -> None:
        """See `Program`."""
        package = {
            "private": True,
            "hexo": {"version": ""},
            "dependencies": dict.fromkeys(("hexo", "hexo-renderer-marked", *self.packages), "*"),
        }
        _write(folder / "package.json", json.dumps(package))
        _write(folder / "_config.yml", f"title: A site\ntheme: data\n{self.configuration}")
        for name in ("post", "page", "index"):
            _write(folder / "themes" / "data" / "layout" / f"{name}.njk", LAYOUT)
        for language in ("default", "en", "de"):
            _write(folder / "themes" / "data" / "languages" / f"{language}.yml", "name: x\n")
        _write(folder / "README.md", "---\ntitle: Read me\ndate: 2024-01-01\n---\n")
        for number in range(posts):
            _write_post(folder / "source", self, chance, number)
        for number in range(posts // 10):
            _write_page(folder / "source", chance, number)

    def build(self, folder: Path) -> Mapping[str, BuiltPage]:
        """See `Program`."""
        modules = npm_program("npm/hexo") / "node_modules"
        # A copy, because plugins change the sources.
        copy = shutil.copytree(folder, folder / "copy")
        (copy / "node_modules").symlink_to(modules)
        environment = {**environ, "TZ": self.machine_zone}
        run_program([modules / ".bin" / "hexo", "generate", "--bail"], copy, environment)
        pages: dict[str, BuiltPage] = {}
        for file in (copy / "public").rglob("*"):
            text = file.read_text("utf-8", "replace") if file.is_file() else ""
            if '"kind":"page of the comparison"' not in text:
                continue
            page = json.loads(text)
            pages[page["source"]] = BuiltPage(
                address=page["permalink"],
                title=normalize("NFC", page["title"]),
                published_at=datetime.fromisoformat(page["date"]),
                language=page["lang"] if _LANGUAGE.fullmatch(page["lang"] or "") else None,
            )
        return pages

    @property
    def program(self) -> Program:
        """The program that builds this site."""
        settings: dict[str, object] = {"include": ["*.md", "*.markdown", "*.mkd", "*.mdx"]}
        if self.machine_zone != "UTC":
            settings["time_zone"] = self.machine_zone
        return Program(f"hexo-{self.name}", "source", self.write, self.build, settings)


def _write_post(source: Path, site: Site, chance: random.Random, number: int) -> None:
    words = [chance.choice(WORDS) for _ in range(chance.randint(1, 4))]
    # Hexo can't make an address of a `%` in a name.
    names = [word.replace("%", "") for word in words]
    stem = chance.choice(" -_.").join([*names, f"n{number}"]).replace("/", "-")
    moment = datetime(2019, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randint(0, 60 * 24 * 3600))
    if chance.random() < 0.05:
        moment += timedelta(days=365 * 20)
    folder = chance.choice(FOLDERS)
    if site.language_folders and chance.random() < 0.7:
        folder = chance.choice(("en/", "de/", "fr/"))
    has_date = True
    if site.dated_names and chance.random() < 0.8:
        stem = f"{moment:%Y-%m-%d}-{stem}"
        # In a folder, the name does not match the pattern.
        has_date = bool(folder) or not site.dates_in_names or chance.random() < 0.7
    base = "_drafts" if chance.random() < 0.08 else "_posts"
    fields = {"title": _quoted(chance, chance.choice(words) + f" {number}")}
    if has_date:
        fields["date"] = moment.strftime(chance.choice(DATES))
    _add_fields(fields, chance, number)
    if "render_drafts" in site.configuration:
        fields.pop("published", None)
    ending = chance.choice(ENDINGS)
    _write(source / base / folder / f"{stem}{ending}", _document(fields, chance))


def _add_fields(fields: dict[str, str], chance: random.Random, number: int) -> None:
    some = [chance.choice(CATEGORIES) for _ in range(chance.randint(1, 3))]
    options = {
        "categories": chance.choice(
            (
                some[0],
                json.dumps(some, ensure_ascii=False),
                "\n" + "".join(f"  - {json.dumps(each, ensure_ascii=False)}\n" for each in some),
                json.dumps([some], ensure_ascii=False),
                json.dumps([some[:1], some[1:]], ensure_ascii=False),
                "",
            )
        ),
        "category": some[-1],
        "tags": json.dumps(some, ensure_ascii=False),
        "permalink": chance.choice((f"own/{number}/", f"/own {number}.html", f"Ünï/{number}/")),
        "lang": chance.choice(("en", "de", "zh-CN")),
        "language": chance.choice(("fr", "pt-BR")),
        "published": chance.choice(("false", "true", "false")),
        "updated": "2025-01-01 10:00:00",
        "abbrlink": f"{number:x}abc",
        "layout": chance.choice(("post", "other")),
        "slug": "not-a-slug",
        "cover": "/img/cover.jpg",
    }
    chances = {"categories": 0.7, "permalink": 0.06, "published": 0.08, "layout": 0.05}
    chances |= {"abbrlink": 0.5, "lang": 0.15, "language": 0.08}
    fields |= {
        name: value for name, value in options.items() if chance.random() < chances.get(name, 0.2)
    }


def _quoted(chance: random.Random, title: str) -> str:
    return chance.choice((json.dumps(title, ensure_ascii=False), f"'{title.replace(chr(39), '')}'"))


def _document(fields: Mapping[str, str], chance: random.Random) -> str:
    body = "\nSome text.\n\n<!-- more -->\n\nMore text.\n"
    block = "".join(f"{name}: {value}\n" for name, value in fields.items())
    kind = chance.random()
    if kind < 0.6:
        return f"---\n{block}---\n{body}"
    if kind < 0.75:
        return f"{block}---\n{body}"
    if kind < 0.8:
        return f"-----\n{block}-----\n{body}"
    if kind < 0.9:
        return f"\ufeff---\n{block}---\n{body}".replace("\n", "\r\n")
    names = ("title", "date", "permalink", "lang", "published", "abbrlink")
    texts = {n: fields[n].strip("'\"") for n in names if n in fields}
    plain: dict[str, object] = {**texts}
    if "published" in plain:
        plain["published"] = plain["published"] == "true"
    inner = json.dumps(plain, ensure_ascii=False)[1:-1]
    return f"{inner}\n;;;\n{body}"


def _write_page(source: Path, chance: random.Random, number: int) -> None:
    names = ("about/index.md", "Some Page.md", "index.md", "_private/a.md", "技术/x.md")
    fields = {"title": f"Page {number}", "date": "2024-05-06 07:08:09"}
    if chance.random() < 0.2:
        fields["permalink"] = chance.choice((f"p{number}/", f"p{number}.html", f"p{number}"))
    _write(source / f"s{number}" / chance.choice(names), _document(fields, chance))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="")


SITES: Sequence[Site] = (
    Site("default", "url: https://blog.example\nlanguage: zh-CN\n"),
    Site(
        "project",
        "url: https://user.example/blog\nroot: /blog/\n"
        "permalink: ':category/:year/:i_month/:i_day/:hour:minute/:name.html'\n"
        "new_post_name: :year-:month-:day-:title.md\ntimezone: Asia/Shanghai\nfuture: false\n"
        "language: [en, de]\nfilename_case: 1\ndefault_category: Other\n"
        "category_map:\n  技术: Technology\n  News: The-News\n"
        "pretty_urls:\n  trailing_index: false\n  trailing_html: false\n"
        "exclude: ['s1*/**']\nskip_render: ['_posts/2023/**', 's2/*.md']\n",
        dated_names=True,
        dates_in_names=True,
    ),
    Site(
        "abbrlink",
        "url: https://blog.example\npermalink: posts/:abbrlink.html\npost_asset_folder: true\n"
        "language: en\ntimezone: Europe/Berlin\nabbrlink:\n  alg: crc32\n  rep: hex\n",
        machine_zone="Europe/Berlin",
        packages=("hexo-abbrlink",),
    ),
    Site(
        "languages",
        "url: https://blog.example\npermalink: ':lang/:year/:post_title-:hash/:timestamp/'\n"
        "new_post_name: :lang/:title.md\nlanguage:\n  - en\n  - de\nrender_drafts: true\n"
        "timezone: America/New_York\npermalink_defaults:\n  lang: en\n",
        language_folders=True,
    ),
    Site(
        "slugs",
        "url: https://blog.example\npermalink: ':updated_x/:month/:day/:title/index.html'\n"
        "new_post_name: :year-:i_month-:i_day.md\nlanguage: en\nupdated_option: empty\n"
        "permalink_defaults:\n  updated_x: fixed\npretty_urls:\n  trailing_index: false\n",
        dated_names=True,
    ),
)
PROGRAMS = tuple(site.program for site in SITES)
