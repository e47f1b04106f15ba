import json
import re
import tomllib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.defaults import NO_DEFAULTS, Defaults
from bot.ingest.document import read_document
from bot.ingest.frontmatter import MAX_BYTES
from bot.ingest.topics import TopicRule, TopicRules
from storage.models import Article, Reading, Rejection, UnpublishedDocument
from tests.ingest.test_fuzz import check_reading

SITE = Defaults(quality=75, base_url="https://blog.example/", permalink="/:year/:month/:slug/")


def read(text: str | bytes, key: str = "post.md", defaults: Defaults = SITE) -> Reading:
    content = text.encode() if isinstance(text, str) else text
    return read_document(content, unpublished="skip", defaults=defaults, key=key)


def read_article(text: str, key: str = "post.md", defaults: Defaults = SITE) -> Article:
    reading = read(text, key, defaults)
    assert isinstance(reading, Article), reading
    return reading


def read_rejection(text: str | bytes, key: str = "post.md", defaults: Defaults = SITE) -> Rejection:
    reading = read(text, key, defaults)
    assert isinstance(reading, Rejection), reading
    return reading


JEKYLL = """---
layout: post
title:  "Welcome to Jekyll!"
date:   2026-11-23 12:19:00 +0200
categories: jekyll update
tags: [AI, Law]
image: /assets/a.png
---
"""
HUGO_YAML = """---
title: A story
date: 2026-11-23T12:19:00+02:00
summary: What it tells.
tags: ["AI"]
cover: {image: "img/a.png", alt: x}
draft: false
---
"""
HUGO_TOML = """+++
title = 'A story'
date = 2026-11-23T12:19:00+02:00
description = "What it tells."
tags = ["AI"]
images = ["/img/a.png"]
[params]
image = "x"
+++
"""
HUGO_JSON = """{
  "title": "A story",
  "date": "2026-11-23T12:19:00+02:00",
  "description": "What it tells.",
  "tags": ["AI"],
  "image": "/img/a.png"
}

The body {with: brackets}.
"""
ASTRO = """---
title: 'A story'
description: "What it tells."
pubDate: 2026-11-23
heroImage: '../../a.png'
tags: ["AI"]
---
"""
DOCUSAURUS = """---
slug: welcome
title: A story
description: What it tells.
authors: [me]
tags:
  - {label: AI, permalink: /ai}
image: ./a.png
---
"""
ELEVENTY = """---
title: A story
description: What it tells.
date: 2026-11-23
tags: AI
permalink: /stories/a/
---
"""


@pytest.mark.parametrize(
    ("text", "key", "url", "picture"),
    [
        (HUGO_YAML, "posts/story.md", "2026/11/story", "img/a.png"),
        (HUGO_TOML, "posts/story/index.md", "2026/11/story", "img/a.png"),
        (HUGO_JSON, "story.md", "2026/11/story", "img/a.png"),
        (ASTRO, "story.mdx", "2026/11/story", "a.png"),
        (DOCUSAURUS, "2026-11-23-name.md", "2026/11/welcome", "2026/11/welcome/a.png"),
        (
            DOCUSAURUS,
            "blog/2026-11-23-name/index.mdx",
            "2026/11/welcome",
            "2026/11/welcome/a.png",
        ),
        (ELEVENTY, "story.md", "stories/a", None),
    ],
)
def test_posts_of_other_generators_are_articles(
    text: str, key: str, url: str, picture: str | None
) -> None:
    """The same article comes from Hugo (YAML, TOML, JSON), Astro, Docusaurus and Eleventy."""
    article = read_article(text, key)
    assert article.title == "A story"
    assert article.url == f"https://blog.example/{url}/"
    assert article.published_at.date() == datetime(2026, 11, 23, tzinfo=UTC).date()
    assert article.excerpt == "What it tells."
    assert article.topics == ("AI",)
    assert article.quality == 75
    assert [image.url for image in article.images] == (
        [f"https://blog.example/{picture}"] if picture else []
    )


def test_a_post_of_jekyll_is_an_article() -> None:
    """Categories are on one line, the date contains a space, the slug is in the file's name."""
    article = read_article(JEKYLL, "_posts/2026-11-23-welcome.markdown")
    assert article.title == "Welcome to Jekyll!"
    assert article.url == "https://blog.example/2026/11/welcome/"
    assert article.published_at == datetime(2026, 11, 23, 10, 19, tzinfo=UTC)
    assert article.topics == ("jekyll", "update", "AI", "Law")


def test_the_date_can_be_in_the_file_name() -> None:
    """The front matter has none, which is usual with Jekyll."""
    article = read_article("---\ntitle: x\n---\n", "_posts/2026-11-22-a-b.md")
    assert article.published_at == datetime(2026, 11, 22, tzinfo=UTC)
    assert article.url == "https://blog.example/2026/11/a-b/"
    article = read_article("---\ntitle: x\n---\n", "_posts/2026-3-1-a.md")
    assert article.url == "https://blog.example/2026/03/a/"


@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        ("/:year/:month/:day/:title.html", "2026/11/23/a-name.html"),
        ("/:short_year-:i_month-:i_day/:slug", "26-11-23/a-name"),
        (":categories/:slug/", "news/world/a-name/"),
        ("/:path/", "_posts/2026-11-23-a-name/"),
        ("/:filename", "a-name"),
    ],
)
def test_a_permalink_pattern_is_expanded(pattern: str, url: str) -> None:
    """It has the placeholders of Jekyll and Hugo."""
    defaults = Defaults(base_url="https://blog.example/", permalink=pattern)
    text = "---\ntitle: x\ncategories: [News, World]\n---\n"
    article = read_article(text, "_posts/2026-11-23-a-name.md", defaults)
    assert article.url == f"https://blog.example/{url}"


@pytest.mark.parametrize("line", ["x: y", "categories: []", "categories: ['', '!', {a: b}]"])
def test_a_page_without_categories_has_an_address(line: str) -> None:
    """Jekyll leaves out that part of the address."""
    defaults = Defaults(base_url="https://blog.example/x/", permalink="/:categories/:slug/")
    article = read_article(f"---\ntitle: x\ndate: 2026-11-23\n{line}\n---\n", "a.md", defaults)
    assert article.url == "https://blog.example/x/a/"


def test_an_address_has_the_categories_of_jekyll() -> None:
    """A single category and the folders above `_posts` count as well."""
    defaults = Defaults(base_url="https://blog.example/", permalink="/:categories/:slug/")
    text = "---\ntitle: x\ndate: 2026-11-23\ncategory: Big World\ncategories: [b, tech]\n---\n"
    article = read_article(text, "tech/_posts/2026-11-23-a.md", defaults)
    assert article.url == "https://blog.example/tech/big-world/b/a/"
    assert read_article(
        "---\ntitle: x\ndate: 2026-11-23\n---\n", "my_posts/a.md", defaults
    ).url == ("https://blog.example/a/")


def test_an_address_has_the_day_of_the_author() -> None:
    """The site's generator uses the author's time zone, not UTC."""
    text = "---\ntitle: x\ndate: 2026-11-30T23:30:00-08:00\n---\n"
    assert read_article(text, "a.md").url == "https://blog.example/2026/11/a/"


@pytest.mark.parametrize(
    "date",
    [
        "'Jul 31 2026'",
        "July 31, 2026",
        "2026/7/31",
        "2026-07-31 9:05:00 -0500",
        "2026-07-31 23:00 EST",
    ],
)
def test_an_address_can_use_any_date_format(date: str) -> None:
    assert read_article(f"---\ntitle: x\ndate: {date}\n---\n", "a.md").url == (
        "https://blog.example/2026/07/a/"
    )


def test_the_permalink_of_a_page_precedes_the_pattern() -> None:
    """It may be in permalink, url or canonical_url, absolute or relative."""
    for line in (
        "permalink: /a/",
        "url: /a/",
        "canonical_url: https://blog.example/a/",
        "permalink: https://blog.example/a/",
    ):
        assert read_article(f"---\ntitle: x\ndate: 2026-11-23\n{line}\n---\n").url == (
            "https://blog.example/a/"
        )


@pytest.mark.parametrize(
    ("line", "defaults", "words", "number"),
    [
        ("x: y", NO_DEFAULTS, "base_url and permalink for the source", None),
        ("slug: a", Defaults(base_url="https://a.example/"), "base_url and permalink", None),
    ],
)
def test_a_page_without_an_address_is_rejected(
    line: str, defaults: Defaults, words: str, number: int | None
) -> None:
    """The reason names the setting to add."""
    refused = read_rejection(f"---\ntitle: x\ndate: 2026-11-23\n{line}\n---\n", defaults=defaults)
    assert words in refused.reason
    assert (refused.field, refused.line) == ("webUrl", number)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("date: yesterday", "date"),
        ("pubDate: yesterday", "pubDate"),
        ("publishedDateTime: ''\ndate: yesterday", "date"),
        ("date: 2026-11-23\npublishDate: soon", "publishDate"),
        ("date: 2026-11-23\nurl: javascript:alert(1)", "url"),
        ("date: 2026-11-23\npermalink: /a/", "permalink"),
        ("date: 2026-11-23\npermalink: /:lang/a/", "permalink"),
    ],
)
def test_a_rejection_uses_the_field_name_of_the_page(line: str, field: str) -> None:
    """It names the line, too, even if the pattern needs the date."""
    for defaults in (NO_DEFAULTS, Defaults(permalink="/:year/:slug/")):
        refused = read_rejection(f"---\ntitle: x\n{line}\n---\n", defaults=defaults)
        assert (refused.field, refused.line) == (field, 3 + line.count("\n"))


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("2026-11-20-c#-tips.md", "c%23-tips"),
        ("2026-11-20-what?.md", "what%3F"),
        ("2026-11-20-My Post.md", "My%20Post"),
        ("2026-11-20-grün.md", "grün"),
        ("2026-11-20-50%25.md", "50%25"),
    ],
)
def test_unsafe_characters_are_escaped_in_an_address(name: str, address: str) -> None:
    """Otherwise several pages would have the same address, or none."""
    article = read_article("---\ntitle: x\n---\n", name)
    assert (
        article.url
        == read_article(
            f"---\ntitle: x\nwebUrl: https://blog.example/2026/11/{address}/\n"
            "publishedDateTime: 2026-11-20\n---\n"
        ).url
    )


def test_drafts_of_other_generators_are_left_out() -> None:
    assert read("---\ntitle: x\ndraft: true\n---\n") == UnpublishedDocument()
    assert read('+++\ntitle = "x"\ndraft = true\n+++\n') == UnpublishedDocument()
    assert read('{"title": "x", "draft": true}\n') == UnpublishedDocument()
    assert read("---\ntitle: x\ndate: 2026-11-23\npermalink: false\n---\n") == UnpublishedDocument()
    assert read("---\ntitle: x\ndate: 2026-11-23\npermalink: FALSE\n---\n") == UnpublishedDocument()
    assert read("---\ntitle: x\ndate: 2026-11-23\nunlisted: true\n---\n") == UnpublishedDocument()
    assert read("---\nTitle: x\nDraft: true\n---\n") == UnpublishedDocument()
    assert read("---\ntitle: x\nDRAFT: true\ndraft: false\n---\n") == UnpublishedDocument()
    assert read("---\ntitle: x\ndraft: true\npermalink: /:nothing/\n---\n") == UnpublishedDocument()
    assert read_article("---\ntitle: x\ndate: 2026-11-23\nunlisted: false\n---\n").title == "x"


@pytest.mark.parametrize("key", ["_index.md", "posts/_index.md", "posts/_index.pt-br.md"])
def test_a_list_page_of_hugo_is_left_out(key: str) -> None:
    """It is not a rejection, though it has no date; one with our date field is an article."""
    assert read("---\ntitle: Posts\n---\n", key) == UnpublishedDocument()
    assert read_article("---\ntitle: x\npublishedDateTime: 2026-11-23\n---\n", key).title == "x"


@pytest.mark.parametrize("name", ["publishDate", "publishdate", "pubDate"])
def test_the_publication_date_precedes_other_dates(name: str) -> None:
    """The address uses `date`, as in Hugo."""
    article = read_article(f"---\ntitle: x\ndate: 2026-10-01\n{name}: 2026-11-23\n---\n", "a.md")
    assert article.published_at == datetime(2026, 11, 23, tzinfo=UTC)
    assert article.url == "https://blog.example/2026/10/a/"


def test_an_address_uses_the_date_in_the_file_name() -> None:
    """The front matter's `date` takes precedence, as in Jekyll."""
    text = "---\ntitle: x\npublishedDateTime: 2026-12-01\n---\n"
    assert read_article(text, "2026-11-30-a.md").url == "https://blog.example/2026/11/a/"


def test_an_article_with_our_fields_is_not_translated() -> None:
    """Its tags are not topics, and no pattern gives it another address."""
    text = (
        "---\ntitle: x\npublishedDateTime: 2026-11-23\nwebUrl: https://a.example/1\n"
        "tags: [a]\ncategories: [news]\nimage: /x.png\n---\n"
    )
    article = read_article(text)
    assert (article.url, article.topics, article.images) == ("https://a.example/1", (), ())


@pytest.mark.parametrize(
    ("line", "url"),
    [
        ("permalink: /own/", "own/"),
        ("permalink: https://blog.example/own/", "own/"),
        ("slug: word", "2026/11/word/"),
        ("webUrl: ''\noriginalUrl:", "2026/11/a/"),
        ("originalUrl: https://blog.example/original", "original"),
    ],
)
def test_an_article_with_our_fields_gets_an_address(line: str, url: str) -> None:
    """It comes from its permalink or the source's pattern."""
    text = f"---\ntitle: x\npublishedDateTime: 2026-11-23\ntags: [a]\n{line}\n---\n"
    article = read_article(text, "a.md")
    assert (article.url, article.topics) == (f"https://blog.example/{url}", ())


@pytest.mark.parametrize("date", ["date", "publishedDateTime"])
def test_a_page_that_is_not_written_has_no_address(date: str) -> None:
    """It is rejected even if drafts are announced."""
    content = f"---\ntitle: x\n{date}: 2026-11-23\npermalink: false\n---\n"
    assert read(content) == UnpublishedDocument()
    refused = read_document(content.encode(), unpublished="announce", defaults=SITE, key="a.md")
    assert isinstance(refused, Rejection)
    assert "is missing" in refused.reason


def test_topic_rules_precede_the_topics_of_a_source() -> None:
    """The topics of an article itself precede both."""
    rules = TopicRules([TopicRule("Law", ("court",), aliases=("legal",))])
    desk = Defaults(base_url="https://a.example/", topics=("News",), rules=rules)
    for line, topics in (
        ("description: In court.", ("Law",)),
        ("description: Elsewhere.", ("News",)),
        ("tags: [Legal, AI]", ("Law", "AI")),
    ):
        text = f"---\ntitle: x\ndate: 2026-11-23\npermalink: /a/\n{line}\n---\n"
        assert read_article(text, defaults=desk).topics == topics


@pytest.mark.parametrize(
    ("content", "words", "line"),
    [
        ("+++\ntitle = 'x'\n", "end it with a line +++", None),
        ("+++\ntitle = 'x'\nb = \n+++\n", "not valid TOML: Invalid value", 3),
        ("+++\ntitle = 'x'\ntitle = 'y'\n+++\n", "not valid TOML", 3),
        ("+++\na = 2026-02-30\n+++\n", "not valid TOML", None),
        ("+++\na = " + "[" * 10_000 + "\n+++\n", "levels deep", None),
        ("+++\na = " + "[" * 30 + "]" * 30 + "\n+++\n", "levels deep", None),
        ("+++\na = 0x" + "f" * 5000 + "\n+++\n", "a number with thousands of digits", None),
        ("+++\na = " + "1" * 5000 + "\n+++\n", "not a valid date or number", None),
        (b"+++\ntitle = '\xff'\n+++\n", "save the file as UTF-8", None),
        ("+++\n" + "a" * MAX_BYTES + "\n+++\n", "64 KB", None),
        ('{"title": "x",\n"title": "y"}', "title appears twice", None),
        ('{"title": "x"', "not valid JSON", 1),
        ('{\n"title": x}', "not valid JSON", 2),
        ('{"a": ' + "[" * 10_000, "levels deep", None),
        ('{"a": ' + "[" * 30 + "]" * 30 + "}", "levels deep", None),
        ('{"a": "' + "x" * MAX_BYTES + '"}', "64 KB", None),
        (b'{"title": "\xff"}', "save the file as UTF-8", None),
        ('{"a": ' + "1" * 5000 + "}", "a number with thousands of digits", None),
    ],
)
def test_invalid_toml_and_json_is_rejected(
    content: str | bytes, words: str, line: int | None
) -> None:
    """The line is named where it is known."""
    refused = read_rejection(content)
    assert words in f"{refused.field} {refused.reason}"
    assert "\n" not in refused.reason
    if line is not None:
        assert refused.line == line


@pytest.mark.parametrize(
    "text",
    [
        "a" + ".a" * 30_000 + " = 1",
        "[" + "a" + " . 'a'" * 10_000 + "]",
        'x = {"a"' + '."a"' * 15_000 + " = 1}",
        "b = 'a.a'\nx = [{a" + ".a" * 21 + " = 1}]",
        "x = '" + "a." * 30 + "\ny" + ".y" * 30_000 + " = 1",
    ],
)
def test_a_toml_key_with_too_many_parts_is_rejected(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is rejected before the library parses it, which can take quadratic time."""
    monkeypatch.setattr(tomllib, "loads", pytest.fail)
    refused = read_rejection(f"+++\ntitle = 'x'\n{text}\n+++\n")
    assert refused == Rejection("is nested more than 20 levels deep", 3 + text.count("\n"), None)


def test_dots_in_toml_strings_are_not_limited() -> None:
    """Comments are not limited either."""
    dots = "a.b.c." * 20
    text = (
        f"title = 'It is \"{dots}'\ndate = 2026-11-23 # '{dots}\na.b.c = 1.5\n"
        f'x = "\\"{dots}"\ny = """\n\\"""\n{dots} = ""\n""""\nz = \'\'\'\n\'{dots}\n\'\'\'\n'
    )
    assert read_article(f"+++\n{text}\n+++\n").title.endswith(dots)


@given(
    st.lists(st.sampled_from([".a" * 21, "a", '"', "'", "\\", "#", "\n", " ", "[", "=", "{"])),
    st.sampled_from(["basic", "literal", "many lines", "many literal lines", "comment"]),
)
def test_toml_strings_are_not_mistaken_for_keys(parts: list[str], form: str) -> None:
    text = "".join(parts)
    written = {
        "basic": json.dumps(text),
        "literal": "'" + text.replace("'", "").replace("\n", "") + "'",
        "many lines": '"""' + re.sub('"+', '"', text.replace("\\", r"\\")) + '"""',
        "many literal lines": "'''" + re.sub("'+", "'", text) + "'''",
        "comment": "1 #" + text.replace("\n", ""),
    }[form]
    content = f"+++\ntitle = 'x'\ndate = 2026-11-23\na = {written}\nb = '.'\n+++\n"
    tomllib.loads(content.replace("+++\n", ""))
    assert read_article(content).title == "x"


def test_a_page_cannot_expand_a_long_address() -> None:
    """A pattern of 60,000 characters could expand to gigabytes."""
    for count in (20, 5_000):
        text = f"permalink: {'/:slug' * count}\nslug: {'a' * 30_000}"
        refused = read_rejection(f"---\ntitle: x\ndate: 2026-11-23\n{text}\n---\n")
        assert (refused.field, refused.line) == ("permalink", 4)


pieces = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            *("title", "date", "tags", "permalink", "slug", "image", "cover", "categories", "'"),
            *(" = ", ": ", "[", "]", "{", "}", '"', "\n", "2026-11-23", "12:00:00", "true", "nan"),
            *(
                "0x10",
                "/:year/",
                ":slug",
                "https://a.example/x",
                "\\ud800",
                "\\uD800",
                ",",
                "1e999",
            ),
        ]
    ),
)


@given(st.lists(pieces, max_size=25), st.text(max_size=20))
def test_any_toml_and_json_is_read_or_rejected(parts: list[str], key: str) -> None:
    text = "".join(parts)
    for whole in (f"+++\n{text}\n+++\n", f'{{"title": {text}}}\n', f"---\n{text}\n---\n"):
        check_reading(read(whole.encode("utf-8", "surrogatepass"), key))
