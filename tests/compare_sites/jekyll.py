"""Sites of Jekyll with the habits of real ones; each has another configuration."""

import json
import random
import shutil
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import quote

from tests.compare_sites.comparison import BuiltPage, Program, UnavailableError
from tests.compare_sites.programs import run_program

_WORDS = (
    *(
        "The",
        "mill",
        "lake",
        "Night",
        "TRAINS",
        "news",
        "of",
        "a",
        "Library",
        "opens",
        "2.0",
        "v1.2",
    ),
    *(
        "Über",
        "Straße",
        "Grüße",
        "naïve",
        "Ćevapi",
        "İstanbul",
        "ΟΔΟΣ",
        "Привет",
        "мир",
        "新闻",
        "東京",
    ),
    *("café", "cafe\u0301", "हिन्दी", "C#", "C++", "node.js", "it's", "rock'n'roll", "50%", "Q&A"),
    *(
        "(part",
        "1)",
        "[draft]",
        "hello,",
        "world!",
        "a=b",
        "x@y",
        "snake_case",
        "semi;colon",
        "~home",
    ),
    *(
        "100$",
        "what?",
        "e^x",
        "tilde~",
        "—",
        "…",
        "🚂",
        "№5",
        "½",
        "x²",
        "_under",
        "-dash-",
        "a..b",
    ),
)
_CATEGORIES = (
    *(
        "news",
        "Local News",
        "Über uns",
        "C#",
        "what? now",
        "a/b",
        "旅行",
        "Q&A",
        "2020",
        "Tech",
        "tech",
    ),
    *("dev.to", "100%", "a--b", "_x", "semi; colon", "it's", "ÄÖÜ", "[x]", "a_b"),
)
_FOLDERS = (
    "",
    "",
    "",
    "news",
    "de_at/news",
    "Blog",
    "über",
    "a b",
    "notes/2024",
    "my_posts",
    "x.y",
)
_SUBFOLDERS = ("", "", "", "", "2024", "2024/03", "Sub Folder", "old.d")
_ENDINGS = (".md", ".md", ".md", ".markdown")
_ZONES = ("+0700", "-0800", "+00:00", "Z", "+05:30", "-03:30", "+1300")
_SAFE = "/:@!$&'()*+,;=-._~%?#"


@dataclass(frozen=True, slots=True)
class _Site:
    """A site: its configuration, the folders with posts, and front matter that only it has.

    `content` is the folder that Jekyll reads; of it, the folder `read` is taken as a source.
    """

    name: str
    configuration: str
    folders: Sequence[str] = _FOLDERS
    posts: str = "_posts"
    content: str = ""
    extras: Sequence[str] = ()
    base_url: str = "https://site.example"
    read: str = ""
    options: Sequence[str] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    more: Callable[[Path, random.Random], None] | None = None


def _name(chosen: random.Random) -> str:
    words = [chosen.choice(_WORDS) for _ in range(chosen.randint(1, 5))]
    return chosen.choice(("-", "-", "-", " ", "_", "")).join(words).replace("/", "-")[:60]


def _day(chosen: random.Random) -> datetime:
    """A day of the past years, sometimes one of the future."""
    now = datetime.now(UTC).replace(microsecond=0)
    days = -chosen.randint(2, 4_000) if chosen.random() < 0.9 else chosen.randint(2, 900)
    return now + timedelta(days=days, seconds=chosen.randrange(86_400))


def _date(chosen: random.Random, day: datetime) -> str:
    """A date in a form that people write, plain or in quotes."""
    clock = f"{day:%H:%M:%S}"
    written = chosen.choice(
        (
            f"{day:%Y-%m-%d}",
            f"{day:%Y-%m-%d} {clock}",
            f"{day:%Y-%m-%d} {clock} {chosen.choice(_ZONES)}",
            f"{day:%Y-%m-%d} {clock}{chosen.choice(('Z', '+09:00', '-05:00'))}",
            f"{day:%Y-%m-%dT%H:%M:%S}{chosen.choice(('', 'Z', '+01:00'))}",
            f"{day:%Y-%m-%d %H:%M}",
            f"{day:%Y-%m-%d %H:%M} {chosen.choice(_ZONES)}",
            f"{day.year}-{day.month}-{day.day}",
            f"{day.day}-{day.month}-{day.year}",
            f"{day:%Y/%m/%d}",
            f"{day:%Y/%m/%d %H:%M}",
            f"{day:%d.%m.%Y}",
            f"{day:%B %d, %Y}",
            f"{day:%d %b %Y %H:%M}",
            f"{day:%a, %d %b %Y %H:%M:%S +0000}",
            f"{day:%Y-%m-%d} {clock} UTC",
            f"{day:%Y-%m}-31",
            f"{day:%Y-02}-{chosen.choice((29, 30))} 23:30",
            f"{day:%d/%m/%Y %H:%M}",
            f"{day:%Y-%m-%d} {clock} CET",
            f"{day:%Y-%m-%d} {clock} Europe/Berlin",
            f"{day:%Y-%m-%d} {day:%I:%M} {day:%p}",
            f"{day:%Y-%m-%d} {clock}.123 +0100",
        )
    )
    return chosen.choice((written, written, f'"{written}"', f"'{written}'"))


def _title(chosen: random.Random) -> str:
    text = " ".join(chosen.choice(_WORDS) for _ in range(chosen.randint(2, 6)))
    return json.dumps(text, ensure_ascii=False)


def _front_matter(chosen: random.Random, day: datetime, extras: Sequence[str]) -> str:
    lines = ["layout: none"]
    if chosen.random() < 0.85:
        lines.append(f"title: {_title(chosen)}")
    if chosen.random() < 0.5:
        # Sometimes near the day of the file's name, sometimes far from it.
        moved = day + timedelta(hours=chosen.choice((-30, -9, 0, 0, 5, 40, -900)))
        lines.append(f"date: {_date(chosen, moved)}")
    lines += chosen.choice(
        (
            [],
            [],
            [f"category: {json.dumps(chosen.choice(_CATEGORIES), ensure_ascii=False)}"],
            [f"categories: {json.dumps(chosen.choice(_CATEGORIES), ensure_ascii=False)}"],
            [f"categories: {json.dumps(chosen.sample(_CATEGORIES, 2), ensure_ascii=False)}"],
            ["categories: [b, a]", "category: c"],
            ["categories:"],
            ["category: [x, Y]"],
        )
    )
    if chosen.random() < 0.2:
        lines.append(f"slug: {json.dumps(_name(chosen), ensure_ascii=False)}")
    if chosen.random() < 0.2:
        lines.append(f"permalink: {chosen.choice(_PERMALINKS)}")
    if chosen.random() < 0.1:
        lines.append(
            chosen.choice(("published: false", "published: true", "published:", "published: no"))
        )
    if extras and chosen.random() < 0.5:
        lines.append(chosen.choice(extras))
    return "\n".join(["---", *lines, chosen.choice(("---", "---", "..."))])


_PERMALINKS = (
    *("/about-us/", "/:year/own/:title/", "/x/:slug.html", "own/path", "/über/uns/", "/a b/c/"),
    *(
        "/feed.xml",
        "/:categories/:name",
        "/:title:output_ext",
        "/../up/./here//",
        "/q%20r/",
        "/d.e/f",
    ),
    *("/:short_year/:i_month/:i_day/:title", "/:year_:month_:day/", "/:collection/:path/"),
)


def _write(site: _Site, folder: Path, chosen: random.Random, posts: int) -> None:
    (folder / "_config.yml").write_text(site.configuration, encoding="utf-8")
    plugins = folder / site.content / "_plugins"
    plugins.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("jekyll_report.rb"), plugins)
    for _ in range(posts):
        day = _day(chosen)
        kind = chosen.random()
        base = folder / site.content / chosen.choice(site.folders)
        name = _name(chosen)
        if kind < 0.85:
            dated = chosen.choice(
                (f"{day:%Y-%m-%d}", f"{day:%Y-%m-%d}", f"{day:%y}-{day.month}-{day.day}")
            )
            path = base / site.posts / chosen.choice(_SUBFOLDERS) / f"{dated}-{name}"
        elif kind < 0.9:
            path = base / chosen.choice(("_drafts", site.posts, "_hidden")) / name
        else:
            path = base / name
        path = path.with_name(path.name + chosen.choice(_ENDINGS))
        text = (
            "Some prose.\n" if chosen.random() < 0.02 else _front_matter(chosen, day, site.extras)
        )
        _write_file(path, f"{text}\n\nProse about {chosen.choice(_WORDS)}.\n")
    if site.more:
        site.more(folder / site.content, chosen)


def _write_file(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _build(site: _Site, folder: Path) -> Mapping[str, BuiltPage]:
    if shutil.which("jekyll") is None:
        raise UnavailableError("there is no program jekyll; Debian's package is `jekyll`")
    environment = {"TZ": "UTC", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "HOME": str(folder)}
    command = ["jekyll", "build", "--quiet", "--disable-disk-cache", *site.options]
    run_program(command, folder, environment)
    pages = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    # A page without a date is not a story.
    return {
        page["path"].removeprefix(site.read).lstrip("/"): _built_page(site, page)
        for page in pages
        if page["date"] and page["path"].startswith(site.read)
    }


def _built_page(site: _Site, page: Mapping[str, str]) -> BuiltPage:
    # Its filters for addresses would replace letters such as ²; the file that is written has them.
    address = f"{site.base_url}{quote(page['url'], safe=_SAFE)}"
    # The titles of stories are on one line, and their letters composed.
    title = unicodedata.normalize("NFC", " ".join(page["title"].split()))
    return BuiltPage(address, title or None, datetime.fromisoformat(page["date"]), page["lang"])


def _write_collections(folder: Path, chosen: random.Random) -> None:
    """Documents of collections, pages in folders that are included, and excluded ones."""
    for label in ("notes", "recipes", "secret", "Events.2024"):
        for _ in range(15):
            day = _day(chosen)
            name = chosen.choice((f"{day:%Y-%m-%d}-{_name(chosen)}", _name(chosen)))
            path = folder / "stuff" / f"_{label}" / chosen.choice(_SUBFOLDERS) / f"{name}.md"
            _write_file(path, f"{_front_matter(chosen, day, ())}\n\nProse.\n")
    for top in ("_pages", "vendor/bundle", "drafts", "old/deep", "docs/README", "node_modules/x"):
        for name in ("index.md", "page.one.md", "2024-03-02-dated.md"):
            date = f"date: {_date(chosen, _day(chosen))}"
            _write_file(
                folder / top / name, f"---\ntitle: {_title(chosen)}\n{date}\n---\n\nProse.\n"
            )


_DEFAULTS = """
defaults:
  - scope: {path: ""}
    values: {lang: en, category: everything}
  - scope: {path: "", type: posts}
    values: {permalink: "/p/:categories/:title/", image: {path: /a.png}}
  - scope: {path: "news"}
    values: {lang: en-GB, categories: [inherited, news]}
  - scope: {path: "de_at", type: posts}
    values: {lang: de-AT}
  - scope: {path: "*/news"}
    values: {lang: sv, title: A title for all}
  - scope: {path: "notes/**"}
    values: {permalink: "/notes/:year/:slug.html"}
  - scope: {path: "Blog/_posts/2024", type: posts}
    values: {published: false}
  - scope: {path: "Blog", type: pages}
    values: {lang: fr, permalink: "/blog-page/:basename/"}
  - scope: {path: "x.{y,z}"}
    values: {lang: it}
  - scope: {path: "x.*/_posts"}
    values: {date: 2020-01-02 03:04:05}
"""

_SITES = (
    _Site("jekyll", "url: https://site.example\n"),
    _Site(
        "jekyll-project",
        'url: "https://site.example"\nbaseurl: /project\npermalink: pretty\nfuture: true\n'
        "lang: en\n",
        base_url="https://site.example/project",
    ),
    _Site(
        "jekyll-west",
        "url: https://site.example\ntimezone: America/Los_Angeles\n"
        "permalink: /:categories/:year/:month/:day/:hour:minute:second/:title/\n",
    ),
    _Site(
        "jekyll-east",
        "url: https://site.example/\ntimezone: Pacific/Auckland\npermalink: weekdate\n"
        "locale: en-NZ\n",
    ),
    _Site(
        "jekyll-ordinal",
        "url: https://site.example\ntimezone: Asia/Kolkata\npermalink: ordinal\nshow_drafts: true\n"
        "markdown_ext: md\n",
    ),
    _Site(
        "jekyll-placeholders",
        "url: https://site.example\ntimezone: Europe/Berlin\n"
        "permalink: /:slugified_categories/:w_year-:week-:w_day/:long_day/:y_day/:short_month/"
        ":long_month/:slug-:name.html\n",
    ),
    _Site(
        "jekyll-none",
        "url: https://site.example\npermalink: none\nsource: src\nexclude: [news/, '*.markdown']\n"
        "include: [_hidden]\n",
        content="src",
    ),
    _Site(
        "jekyll-collections",
        "url: https://site.example\ncollections_dir: stuff\npermalink: /:collection/:title\n"
        "include: [_pages, vendor/bundle/index.md]\nexclude: [drafts, 'old/*', README.md]\n"
        "timezone: Europe/London\ncollections:\n  notes: {output: true}\n"
        "  recipes: {output: true, permalink: '/food/:path/:title:output_ext'}\n"
        "  secret: {output: false}\n"
        "  Events.2024: {output: true, permalink: '/:categories/:name/'}\n"
        "  posts: {permalink: '/journal/:year/:title'}\n",
        folders=("stuff", "stuff", "stuff/news", "", "other"),
        more=_write_collections,
    ),
    _Site(
        "jekyll-defaults",
        f"url: https://site.example\ntimezone: America/New_York\n{_DEFAULTS}",
        extras=("lang: pt-BR", "image: {width: 20}", "lang:"),
    ),
    _Site(
        "jekyll-preview",
        "url: https://site.example\ntimezone: Asia/Tokyo\npermalink: pretty\n",
        options=("--drafts", "--future", "--unpublished"),
        settings={"unpublished": "announce"},
    ),
    _Site(
        "jekyll-folder",
        "url: https://site.example\ntimezone: America/Sao_Paulo\n",
        folders=("de_at/Local News",),
        read="de_at/Local News/_posts",
    ),
    _Site(
        "jekyll-languages",
        "url: https://site.example\nlang: en\npermalink: /:categories/:year/:month/:day/:title/\n",
        folders=("en/news/", "de/news", "zh_tw/news", "fr"),
        extras=("lang: en", "lang: de", "lang: zh_tw", "lang: fr"),
    ),
)

PROGRAMS = tuple(
    Program(
        name=site.name,
        content=f"{site.content}/{site.read}".strip("/"),
        write=partial(_write, site),
        build=partial(_build, site),
        settings={"quality": 75, **site.settings},
        goal=0.99,
    )
    for site in _SITES
)
