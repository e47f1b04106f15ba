"""Sites of Pelican, with three configurations: https://docs.getpelican.com."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from random import Random
from textwrap import dedent
from unicodedata import normalize
from urllib.parse import quote

from tests.compare_sites.comparison import BuiltPage, Program
from tests.compare_sites.programs import python_program, run_program

REQUIREMENTS = ("pelican[markdown]==4.12.0",)
SITE_URL = "https://site.example/weblog"
# What Pelican makes of an article, for `build`.
TEMPLATE = """\
{{ {"source": article.relative_source_path, "url": article.url, "title": article.title,
    "date": article.date.isoformat(), "language": article.lang, "status": article.status
} | tojson }}"""
TITLES = (
    *(
        "The mill by the river",
        "Ein Haus für Übermut",
        "日本語のタイトル",
        "Смешанный Title",
        "C++ & C#",
    ),
    *(
        "What's new in 2.0?",
        "Twice  spaced - dashes -- here",
        "“Quoted” — and dashed",
        "naïve café",
    ),
    *(
        "Größe: ß and ẞ",
        "snake_case and `code`",
        "100% of $5 (five)",
        "İstanbul'da yağmur",
        "a/b\\c",
    ),
    *("Ελληνικά κείμενα", "ที่นี่", "עברית", "한국어 제목", "Emoji 🎉 party", "ﬁne ﬂow", "…and more…"),
    *(
        "UPPER Case",
        "e\u0301 decomposed",
        "Straße №5 ½",
        "tabs\tinside",
        "2026-03-02",
        "No: yes",
        "Ω Ångström",
    ),
)
DATES = (
    *(
        "%Y-%m-%d",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S+02:00",
        "%Y-%m-%dT%H:%MZ",
    ),
    *(
        "%a, %d %b %Y %H:%M:%S -0500",
        "%d %B %Y",
        "%B %d, %Y %I:%M %p",
        "%d.%m.%Y",
        "%Y/%m/%d %H:%M",
    ),
    *("%Y%m%d", "%Y-%m-%d_%H:%M", "%d-%m-%Y", "%Y-%m-%d %H:%M UTC", "%Y-%m-%d  %H:%M", "%b %d %Y"),
    *(
        "%Y-%m-%d %H:%M +0530",
        "%Y-%m-%d %H:%M:%S.250000",
        "%A %d %B %Y",
        "%Y-%m-%d %Hh%M",
        "not a date",
    ),
)
WORDS = ("river", "Mill", "über", "night", "news", "café", "train", "日本", "green", "x2")
CATEGORIES = ("News", "Field notes", "Über uns", "C++", "日本", "R&D", "news/local")
PICTURES = ("{static}/images/a b.jpg", "{attach}photo.jpg", "images/x.jpg", "/images/y.png", "")


@dataclass(frozen=True, slots=True)
class Site:
    """A configuration: `pelicanconf` and what differs in the articles written for it."""

    name: str
    pelicanconf: str
    folders: Sequence[str]
    file_name: str = "{words}-{number}"
    content: str = "content"
    publishconf: str | None = None

    def program(self) -> Program:
        """The site as a program; the whole site is the source."""
        return Program(
            name=self.name,
            content=".",
            write=self.write,
            build=self.build,
            settings={"unpublished": "skip"},
        )

    def write(self, folder: Path, random: Random, posts: int) -> None:
        """Write the site."""
        templates = folder / "theme" / "templates"
        templates.mkdir(parents=True)
        (templates / "article.html").write_text(TEMPLATE)
        for name in ("author", "category", "tag", "page"):
            (templates / f"{name}.html").write_text("")
        usual = "THEME = 'theme'\nDIRECT_TEMPLATES = []\nFEED_ALL_ATOM = None\n"
        usual += "CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = None\n"
        usual += "AUTHOR_FEED_RSS = None\n"
        (folder / "pelicanconf.py").write_text(usual + dedent(self.pelicanconf), encoding="utf-8")
        if self.publishconf is not None:
            (folder / "publishconf.py").write_text(dedent(self.publishconf), encoding="utf-8")
        for number in range(posts):
            self._write_article(folder / self.content, random, number)

    def _write_article(self, content: Path, random: Random, number: int) -> None:
        minutes = random.randint(0, 14 * 365 * 24 * 60)
        date = datetime(2012, 1, 1) + timedelta(minutes=minutes)  # noqa: DTZ001 - zones vary
        if random.random() < 0.08:
            date += timedelta(days=365 * 64)
        words = "-".join(random.choices(WORDS, k=random.randint(1, 3)))
        if random.random() < 0.2:
            words = words.replace("-", " ").title() + random.choice((".v1.2", "_x", "", "!"))
        name = self.file_name.format(words=words, number=number, date=date)
        folder = content / random.choice(self.folders)
        folder.mkdir(parents=True, exist_ok=True)
        fields = self._fields(random, number, date)
        text = "Some *text* of the article.\n\nAnd more of it.\n"
        (folder / f"{name}.md").write_text(_with_metadata(random, fields, text), encoding="utf-8")

    def _fields(self, random: Random, number: int, date: datetime) -> Mapping[str, str]:
        fields = {"Title": f"{random.choice(TITLES)} {number}"}
        if random.random() < 0.85:
            fields["Date"] = date.strftime(random.choice(DATES))
        chances: tuple[tuple[str, float, Sequence[str]], ...] = (
            ("Category", 0.4, CATEGORIES),
            ("Tags", 0.4, ("one, two", "one; two, three", "über")),
            ("Slug", 0.15, (f"own-slug-{number}", f"Own_Slug.{number}", f"with/slash-{number}")),
            ("Lang", 0.2, ("de", "en", "fr", "pt-br", "EN")),
            ("Status", 0.25, ("draft", "published", "hidden", "Published", "skip", "odd", "DRAFT")),
            ("Author", 0.3, ("Ann Lee", "Jürgen Groß")),
            ("Authors", 0.2, ("Lee, Ann; Groß, Jürgen", "Ann Lee, Bo")),
            ("Summary", 0.5, ("A *short* summary.", "Two\n    lines of it.")),
            ("Cover", 0.3, PICTURES),
            ("url", 0.05, (f"own/{number}/", f"/rooted/{number}.html", f"mit äöü/{number}")),
            ("save_as", 0.03, (f"own/{number}/index.html",)),
            ("Modified", 0.2, ("2026-01-01",)),
            ("translation", 0.05, ("true",)),
        )
        for field, chance, values in chances:
            if random.random() < chance:
                fields[field] = random.choice(values)
        if "url" in fields:
            fields["save_as"] = f"own-{number}.html"
        if random.random() < 0.04:
            del fields["Title"]
        return fields

    def build(self, folder: Path) -> Mapping[str, BuiltPage]:
        """Build the site with Pelican."""
        commands = python_program("pelican", REQUIREMENTS)
        settings = "publishconf.py" if self.publishconf is not None else "pelicanconf.py"
        environment = {"PYTHONPATH": str(folder), "LC_ALL": "C.UTF-8", "PATH": str(commands)}
        run_program(
            [commands / "pelican", self.content, "-s", settings, "-o", "output"],
            folder,
            environment,
        )
        pages = {}
        for path in sorted((folder / "output").rglob("*")):
            if not path.is_file() or not (text := path.read_text(encoding="utf-8")).strip():
                continue
            page = json.loads(text)
            if page["status"] == "published":
                address = f"{SITE_URL}/{quote(page['url'].lstrip('/'), safe='/%!')}"
                pages[Path(self.content, page["source"]).as_posix()] = BuiltPage(
                    address=address,
                    title=normalize("NFC", " ".join(unescape(page["title"]).split())),
                    published_at=datetime.fromisoformat(page["date"]),
                    language=page["language"],
                )
        return pages


def _with_metadata(random: Random, fields: Mapping[str, str], text: str) -> str:
    """The article, with the metadata in one of the forms that Python-Markdown reads."""
    spell = random.choice((str, str.lower, str.upper))
    separator = random.choice((": ", ":", ":   ", ":\t"))
    names = list(fields)
    random.shuffle(names)
    lines = "".join(f"{spell(name)}{separator}{fields[name]}\n" for name in names)
    form = random.choice(("{}\n{}", "{}\n{}", "---\n{}---\n{}", "---\n{}...\n\n{}", "\ufeff{}\n{}"))
    article = form.format(lines, text)
    return article.replace("\n", "\r\n") if random.random() < 0.1 else article


SITES = (
    Site(
        "pelican",
        """
            AUTHOR = 'Ann Lee'
            SITENAME = 'A site'
            SITEURL = ''
            PATH = 'content'
            TIMEZONE = 'Europe/Berlin'
            DEFAULT_LANG = 'en'
        """,
        ("", "Field notes", "news/über", "pages", "pages/more"),
        file_name="{date:%Y-%m-%d}-{words}-{number}",
        publishconf="""
            import os
            import sys
            sys.path.append(os.curdir)
            from pelicanconf import *
            SITEURL = 'https://site.example/weblog/'
            RELATIVE_URLS = False
            DELETE_OUTPUT_DIRECTORY = True
        """,
    ),
    Site(
        "pelican-dated",
        r"""
            SITEURL = 'https://site.example/weblog'
            TIMEZONE = 'America/New_York'
            DEFAULT_LANG = u'DE'
            BLOG = '{date:%Y}/{date:%b}/{date:%-d}'
            ARTICLE_URL = BLOG + '/{category}/{slug}/'
            ARTICLE_SAVE_AS = BLOG + '/{slug}/index.html'
            ARTICLE_LANG_URL = '{lang}/' + ARTICLE_URL
            ARTICLE_LANG_SAVE_AS = '{lang}/{slug}.html'
            FILENAME_METADATA = r'(?P<date>\d{4}-\d{2}-\d{2})_(?P<slug>.*)'
            WITH_FUTURE_DATES = False
            DEFAULT_DATE = (2020, 5, 6, 7, 8)
            DEFAULT_CATEGORY = 'Other things'
            USE_FOLDER_AS_CATEGORY = False
            SLUGIFY_SOURCE = 'basename'
            PATH = '.'
            ARTICLE_PATHS = ['posts']
            PAGE_PATHS = ['posts/pages']
            PLUGINS = []
        """,
        ("posts", "posts/more", "posts/pages", "elsewhere"),
        file_name="{date:%Y-%m-%d}_{words}-{number}",
        content=".",
    ),
    Site(
        "pelican-paths",
        r"""
            import os
            SITEURL = os.environ.get('SITE_URL', 'https://site.example/weblog')
            PATH = 'texts'
            DEFAULT_LANG = 'fr'
            TIMEZONE = 'Asia/Tokyo'
            AUTHOR = 'Éva Nagy'
            RELATIVE_URLS = True
            ARTICLE_URL = '{author}/{category}/{slug}'
            ARTICLE_SAVE_AS = '{category}/{slug}.html'
            ARTICLE_LANG_URL = '{slug}.{lang}'
            ARTICLE_LANG_SAVE_AS = '{slug}-{lang}.html'
            PATH_METADATA = r'(?P<category>[^/]+)/(?P<date>\d{4}-\d{2}-\d{2})-(?P<slug>[^.]+)'
            SLUGIFY_USE_UNICODE = True
            SLUGIFY_PRESERVE_CASE = True
            DEFAULT_DATE = '2019-04-05 06:07'
            SLUG_REGEX_SUBSTITUTIONS = [
                (r'[^\w\s-]', ''), (r'(?u)\s+', '_'), ('ue', 'u'), (r'(x)(\d)', r'\2\1'),
            ]
            CATEGORY_REGEX_SUBSTITUTIONS = [(r'\W+', '-')]
            DEFAULT_METADATA = {'author': 'Someone Else', 'status': 'published'}
            EXTRA_PATH_METADATA = {
                'drafts': {'status': 'draft'}, 'fr': {'lang': 'fr'}, 'en': {'lang': 'en'},
            }
        """,
        ("", "drafts", "fr", "en", "en/deep", "Über"),
        file_name="{date:%Y-%m-%d}-{words}-{number}",
        content="texts",
    ),
)
PROGRAMS = tuple(site.program() for site in SITES)
