"""Sites of MkDocs: blogs of Material for MkDocs, documents with dates, and translations."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from random import Random
from textwrap import dedent
from unicodedata import normalize

import yaml

from tests.compare_sites.comparison import BuiltPage, Program
from tests.compare_sites.programs import python_program, run_program

REQUIREMENTS = ("mkdocs==1.6.1", "mkdocs-material==9.8.2", "mkdocs-static-i18n==1.3.1")
# What MkDocs makes of a page, for `build`.
TEMPLATE = """\
{% set date = DATE %}
{{ {"source": page.file.src_uri, "address": page.canonical_url, "title": page.title,
    "date": (date.created or date or "") | string, "language": page.file.locale | default(""),
} | tojson }}"""
TITLES = (
    *(
        "The mill by the river",
        "Ein Haus für Übermut",
        "日本語のタイトル",
        "C++ and C#",
        "What's new in 2.0?",
    ),
    *(
        "With *emphasis* and `code`",
        "A [link](https://x.example) here",
        "Fish & chips",
        "x < y",
        "snake_case",
    ),
    *(
        "Twice  spaced - dashes -- here",
        "“Quoted” — and dashed",
        "Größe ẞ",
        "İstanbul",
        "Ελληνικά",
        "ที่นี่",
    ),
    *(
        "**Bold** start",
        "Escaped \\* star",
        "2026-03-02",
        "…",
        "a/b\\c",
        "100% of $5",
        "UPPER Case",
        "ﬁne",
    ),
    *(
        "e\u0301 decomposed",
        "Trailing #",
        "Dots... here.",
        "한국어",
        "עברית",
        "_Emphasised_",
        "<b>Tag</b> &amp; x",
    ),
)
CATEGORIES = ("News", "Field notes", "Über uns", "C++", "日本", "R&D")
DATES = (
    *("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+02:00"),
    *("%Y-%m-%d %H:%M:%S -05:00", "%Y-%m-%dT%H:%M:%S.25", "%Y-%m-%d   %H:%M:%S"),
)
NAMES = ("lake", "The-Mill", "two_words", "with space", "über", "v1.2", "UPPER", "日本", "a-b-c")


@dataclass(frozen=True, slots=True)
class Site:
    """A configuration, and where the pages written for it are."""

    name: str
    configuration: str
    folders: Sequence[str]
    endings: Sequence[str] = (".md",)
    docs: str = "docs"
    more: Mapping[str, str] | None = None
    # MkDocs itself, without a blog, ignores the field.
    has_drafts: bool = True

    def program(self) -> Program:
        """The site as a program; the whole site is the source."""
        return Program(
            name=self.name,
            content=".",
            write=self.write,
            build=self.build,
            settings={"include": ["*.md", "*.markdown"], "exclude": ["overrides/"]},
        )

    def write(self, folder: Path, random: Random, posts: int) -> None:
        """Write the site."""
        templates = folder / "overrides"
        templates.mkdir(parents=True)
        for name, date in (
            ("main", "page.meta.date | default('')"),
            ("blog-post", "page.config.date"),
        ):
            (templates / f"{name}.html").write_text(TEMPLATE.replace("DATE", date))
        for name in ("blog", "404"):
            (templates / f"{name}.html").write_text("")
        (folder / "mkdocs.yml").write_text(dedent(self.configuration), encoding="utf-8")
        for path, text in (self.more or {}).items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        for number in range(posts):
            place = folder / self.docs / random.choice(self.folders)
            place.mkdir(parents=True, exist_ok=True)
            name = f"{random.choice(NAMES)}-{number}"
            if random.random() < 0.1:
                place /= f"folder-{number}"
                place.mkdir(exist_ok=True)
                name = random.choice(("index", "note"))
            file = place / f"{name}{random.choice(self.endings)}"
            page = _page(random, number)
            if not self.has_drafts:
                page = re.sub("^draft: .*\n", "", page, flags=re.MULTILINE)
            file.write_text(page, encoding="utf-8")

    def build(self, folder: Path) -> Mapping[str, BuiltPage]:
        """Build the site with MkDocs."""
        commands = python_program("mkdocs", REQUIREMENTS)
        environment = {"PATH": str(commands), "NO_MKDOCS_2_WARNING": "1"}
        run_program([commands / "mkdocs", "build", "--quiet"], folder, environment)
        pages: dict[str, BuiltPage] = {}
        for path in sorted((folder / "site").rglob("*.html")):
            text = path.read_text(encoding="utf-8").strip()
            page = json.loads(text) if text.startswith("{") else {}
            # Documentation is not a story if it has no date or the site has a blog. Translations
            # that are missing are written again in the main language.
            is_guide = page.get("source", "").startswith("guide/")
            if page.get("date") and not is_guide and not _is_copy(page):
                pages[f"{self.docs}/{page['source']}"] = BuiltPage(
                    address=page["address"],
                    title=_as_text(page["title"]),
                    published_at=_as_utc(page["date"]),
                    language=page["language"] or None,
                )
        return pages


def _is_copy(page: Mapping[str, str]) -> bool:
    return page["language"] == "en" and any(
        f"/docs/{each}/" in page["address"] for each in ("fr", "de", "pt-BR")
    )


def _as_text(title: str) -> str:
    """A title as readers see it, for MkDocs puts it into pages as HTML."""
    text = unescape(re.sub(r"</?[a-z][^>]*>", "", title))
    return normalize("NFC", " ".join(text.split()))


def _as_utc(text: str) -> datetime:
    date = datetime.fromisoformat(text)
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _page(random: Random, number: int) -> str:
    minutes = random.randint(0, 14 * 365 * 24 * 60)
    date = datetime(2012, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    if random.random() < 0.08:
        date += timedelta(days=365 * 64)
    written = date.strftime(random.choice(DATES))
    fields: dict[str, object] = {}
    title = f"{random.choice(TITLES)} {number}"
    heading = f"# {title}\n\n"
    kind = random.random()
    if kind < 0.3:
        fields["title"] = title
        heading = random.choice((heading, "", "# Another heading\n\n"))
    elif kind < 0.45:
        heading = random.choice(("", f"{title}\n=====\n\n", f"#{title}\n\n", f"Text.\n\n{heading}"))
    elif kind < 0.6:
        heading = random.choice(
            (f"# {title} {{ #own-id }}\n\n", f"\n\n{heading}", f"# {title} ##\n")
        )
    chances: tuple[tuple[str, float, Sequence[object]], ...] = (
        ("categories", 0.5, (["News"], random.sample(CATEGORIES, 3), [])),
        ("tags", 0.3, (["a", "b"],)),
        ("slug", 0.15, (f"own-slug-{number}", f"Own.Slug {number}", f"deep/{number}")),
        ("draft", 0.25, (True, False)),
        ("readtime", 0.1, (5,)),
        ("description", 0.3, ("What it is about.",)),
        ("pin", 0.1, (True,)),
    )
    for name, chance, values in chances:
        if random.random() < chance:
            fields[name] = random.choice(values)
    lines = yaml.safe_dump(fields, allow_unicode=True) if fields else ""
    dated = f"date: {written}\n"
    if random.random() < 0.2:
        dated = f"date:\n  created: {written}\n  updated: 2026-01-01\n"
    return f"---\n{lines}{dated}---\n{heading}Some *text*.\n\n<!-- more -->\n\nAnd more.\n"


SITES = (
    Site(
        "mkdocs",
        """
            site_name: A site
            site_url: https://site.example/docs
            theme:
              name: material
              custom_dir: overrides
              language: de
            plugins:
              - blog:
                  archive: false
                  categories: false
            markdown_extensions:
              - attr_list
              - pymdownx.superfences:
                  custom_fences:
                    - name: mermaid
                      class: mermaid
                      format: !!python/name:pymdownx.superfences.fence_code_format
            extra:
              key: !ENV [SOME_KEY, "x"]
        """,
        ("blog/posts", "blog/posts/2024", "blog/posts/2024/deep", "blog/posts-of-others", "guide"),
        more={"docs/index.md": "# Home\n", "docs/.authors.yml": ""},
    ),
    Site(
        "mkdocs-formats",
        """
            INHERIT: base.yml
            site_name: A site
            plugins:
              - material/blog:
                  blog_dir: news
                  archive: false
                  categories: false
                  post_url_format: "{categories}/{date}/{file}"
                  post_url_date_format: yyyy/MMM/d
                  post_url_max_categories: 2
                  categories_slugify: !!python/object/apply:pymdownx.slugs.slugify
                    kwds:
                      case: none
                      percent_encode: true
                  draft_if_future_date: true
              - material/blog:
                  blog_dir: .
                  post_dir: stories
                  archive: false
                  categories: false
                  post_url_format: "{slug}"
                  post_slugify: !!python/object/apply:pymdownx.slugs.slugify
                    kwds: {case: fold, normalize: NFKC}
                  post_slugify_separator: "_"
              - material/blog:
                  blog_dir: ascii
                  post_dir: "{blog}/entries"
                  archive: false
                  categories: false
                  post_slugify: !!python/name:markdown.extensions.toc.slugify
                  post_url_format: "{slug}/{file}"
              - meta
            exclude_docs: |
              drafts/
              !important/drafts/
              *.tmp.md
            draft_docs: |
              stories/soon/
        """,
        (
            "news/posts",
            "news/posts/drafts",
            "stories",
            "stories/soon",
            "ascii/entries",
            "news/posts/m",
        ),
        endings=(".md", ".md", ".tmp.md", ".markdown"),
        docs="texts",
        more={
            "base.yml": "site_url: https://site.example/docs/\ndocs_dir: texts\n"
            "use_directory_urls: false\ntheme:\n  name: material\n  custom_dir: overrides\n"
            "  language: fr\n",
            "texts/news/posts/m/.meta.yml": "categories: [Meta]\ndraft: false\n",
        },
    ),
    Site(
        "mkdocs-plain",
        """
            site_name: A site
            site_url: https://site.example/docs/
            theme:
              name: material
              custom_dir: overrides
            nav:
              - Home page: index.md
              - Section:
                - The lake: a/lake.md
                - a/mill.md
            plugins: []
            not_in_nav: |
              *
            exclude_docs: |
              /secret
              b/*.markdown
              **/hidden/**
              !b/hidden/lake*
            draft_docs: "*v1.2*"
        """,
        ("", "a", "b", "b/hidden", "secret/x", "c c/ä", "templates", "a/templates"),
        endings=(".md", ".markdown"),
        more={
            "docs/index.md": "---\ndate: 2026-03-02\n---\n# H\n",
            "docs/a/lake.md": "---\ndate: 2026-03-02\ntitle: L\n---\n# H\n",
            "docs/a/mill.md": "---\ndate: 2026-03-02\n---\n",
        },
        has_drafts=False,
    ),
    Site(
        "mkdocs-suffixes",
        """
            site_name: A site
            site_url: https://site.example/docs/
            theme:
              name: material
              custom_dir: overrides
            plugins:
              - i18n:
                  languages:
                    - locale: en
                      default: true
                      name: English
                    - locale: fr
                      name: Français
                    - locale: pt-BR
                      name: Português
                    - locale: de
                      name: Deutsch
                      build: false
        """,
        ("", "news", "news/a.b"),
        endings=(".md", ".fr.md", ".en.md", ".pt-BR.md", ".de.md", ".es.md"),
        more={"docs/index.md": "# Home\n"},
        has_drafts=False,
    ),
    Site(
        "mkdocs-folders",
        """
            site_name: A site
            site_url: https://site.example/docs/
            theme:
              name: material
              custom_dir: overrides
            plugins:
              - i18n:
                  docs_structure: folder
                  fallback_to_default: false
                  languages:
                    - {locale: en, default: true, name: English}
                    - {locale: fr, name: Français}
                    - {locale: de, name: Deutsch, build: false}
        """,
        ("en", "en/a", "fr", "fr/a", "de", "es", "en/b b"),
        more={"docs/en/index.md": "# Home\n", "docs/fr/index.md": "# Accueil\n"},
        has_drafts=False,
    ),
)
PROGRAMS = tuple(site.program() for site in SITES)
