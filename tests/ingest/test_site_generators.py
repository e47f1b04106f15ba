import json
import re
import time
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
        (DOCUSAURUS, "2026-11-23-name.md", "2026/11/welcome", "a.png"),
        (DOCUSAURUS, "blog/2026-11-23-name/index.mdx", "2026/11/welcome", "a.png"),
        (ELEVENTY, "story.md", "stories/a", None),
    ],
)
def test_posts_of_other_generators_are_articles(
    text: str, key: str, url: str, picture: str | None
) -> None:
    """Hugo in YAML, TOML and JSON, Astro, Docusaurus, Eleventy: all say the same."""
    told = read_article(text, key)
    assert told.title == "A story"
    assert told.url == f"https://blog.example/{url}/"
    assert told.published_at.date() == datetime(2026, 11, 23, tzinfo=UTC).date()
    assert told.excerpt == "What it tells."
    assert told.topics == ("AI",)
    assert told.quality == 75
    assert [image.url for image in told.images] == (
        [f"https://blog.example/{picture}"] if picture else []
    )


def test_a_post_of_jekyll_is_an_article() -> None:
    """Its categories stand in one line, its date with a space, its slug in the file's name."""
    told = read_article(JEKYLL, "_posts/2026-11-23-welcome.markdown")
    assert told.title == "Welcome to Jekyll!"
    assert told.url == "https://blog.example/2026/11/welcome/"
    assert told.published_at == datetime(2026, 11, 23, 10, 19, tzinfo=UTC)
    assert told.topics == ("jekyll", "update", "AI", "Law")


def test_the_name_of_a_file_tells_its_date() -> None:
    """Where the front matter doesn't, as is usual with Jekyll."""
    told = read_article("---\ntitle: x\n---\n", "_posts/2026-11-22-a-b.md")
    assert told.published_at == datetime(2026, 11, 22, tzinfo=UTC)
    assert told.url == "https://blog.example/2026/11/a-b/"
    told = read_article("---\ntitle: x\n---\n", "_posts/2026-3-1-a.md")
    assert told.url == "https://blog.example/2026/03/a/"


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
def test_permalinks_are_patterns(pattern: str, url: str) -> None:
    """In the words of Jekyll and Hugo."""
    defaults = Defaults(base_url="https://blog.example/", permalink=pattern)
    text = "---\ntitle: x\ncategories: [News, World]\n---\n"
    told = read_article(text, "_posts/2026-11-23-a-name.md", defaults)
    assert told.url == f"https://blog.example/{url}"


@pytest.mark.parametrize("line", ["x: y", "categories: []", "categories: ['', '!', {a: b}]"])
def test_a_page_without_categories_has_an_address(line: str) -> None:
    """Jekyll leaves that part out."""
    defaults = Defaults(base_url="https://blog.example/x/", permalink="/:categories/:slug/")
    told = read_article(f"---\ntitle: x\ndate: 2026-11-23\n{line}\n---\n", "a.md", defaults)
    assert told.url == "https://blog.example/a/"


def test_what_is_a_category_for_jekyll_is_one_for_the_address() -> None:
    """Also a single one, and the folders that the posts' folder lies in."""
    defaults = Defaults(base_url="https://blog.example/", permalink="/:categories/:slug/")
    text = "---\ntitle: x\ndate: 2026-11-23\ncategory: Big World\ncategories: [b, tech]\n---\n"
    told = read_article(text, "tech/_posts/a.md", defaults)
    assert told.url == "https://blog.example/tech/big-world/b/a/"
    assert read_article(
        "---\ntitle: x\ndate: 2026-11-23\n---\n", "my_posts/a.md", defaults
    ).url == ("https://blog.example/a/")


def test_an_address_holds_the_day_of_the_author() -> None:
    """As the site's own generator writes it, whatever day it is in UTC."""
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
def test_an_address_is_made_of_a_date_in_any_form(date: str) -> None:
    """What is read as a date is one for the address, too."""
    assert read_article(f"---\ntitle: x\ndate: {date}\n---\n", "a.md").url == (
        "https://blog.example/2026/07/a/"
    )


def test_a_page_tells_its_own_address_before_the_pattern() -> None:
    """As permalink, url or canonical_url, whole or within the site."""
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
def test_a_page_without_an_address_is_rejected_with_the_setting_to_add(
    line: str, defaults: Defaults, words: str, number: int | None
) -> None:
    """Nothing is guessed."""
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
def test_what_is_wrong_is_told_under_the_name_that_its_author_gave_it(
    line: str, field: str
) -> None:
    """And where it stands; also if the settings make addresses of dates."""
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
def test_what_would_end_an_address_is_encoded_in_it(name: str, address: str) -> None:
    """Else several pages had one, or none."""
    told = read_article("---\ntitle: x\n---\n", name)
    assert (
        told.url
        == read_article(
            f"---\ntitle: x\nwebUrl: https://blog.example/2026/11/{address}/\n"
            "publishedDateTime: 2026-11-20\n---\n"
        ).url
    )


def test_drafts_are_left_out() -> None:
    """In whatever words."""
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
def test_a_list_page_of_hugo_is_no_article(key: str) -> None:
    """Nor a rejection, though it has no date; one in our own words is an article."""
    assert read("---\ntitle: Posts\n---\n", key) == UnpublishedDocument()
    assert read_article("---\ntitle: x\npublishedDateTime: 2026-11-23\n---\n", key).title == "x"


@pytest.mark.parametrize("name", ["publishDate", "publishdate", "pubDate"])
def test_a_story_is_as_old_as_its_publication(name: str) -> None:
    """As Hugo has it; its address is made of `date`."""
    told = read_article(f"---\ntitle: x\ndate: 2026-10-01\n{name}: 2026-11-23\n---\n", "a.md")
    assert told.published_at == datetime(2026, 11, 23, tzinfo=UTC)
    assert told.url == "https://blog.example/2026/10/a/"


def test_an_address_is_made_of_the_date_in_the_name_of_the_file() -> None:
    """As Jekyll has it, unless the front matter has a `date`."""
    text = "---\ntitle: x\npublishedDateTime: 2026-12-01\n---\n"
    assert read_article(text, "2026-11-30-a.md").url == "https://blog.example/2026/11/a/"


def test_an_article_in_our_own_words_is_left_as_it_is() -> None:
    """Tags are no topics there, and the settings give no address."""
    text = (
        "---\ntitle: x\npublishedDateTime: 2026-11-23\nwebUrl: https://a.example/1\n"
        "tags: [a]\ncategories: [news]\nimage: /x.png\n---\n"
    )
    told = read_article(text)
    assert (told.url, told.topics, told.images) == ("https://a.example/1", (), ())


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
def test_an_article_in_our_own_words_gets_its_address_as_others_do(line: str, url: str) -> None:
    """Its permalink, or what the source's pattern makes of it; the other fields are ours."""
    text = f"---\ntitle: x\npublishedDateTime: 2026-11-23\ntags: [a]\n{line}\n---\n"
    told = read_article(text, "a.md")
    assert (told.url, told.topics) == (f"https://blog.example/{url}", ())


@pytest.mark.parametrize("date", ["date", "publishedDateTime"])
def test_a_page_that_is_not_built_has_no_address(date: str) -> None:
    """Not even where drafts are announced."""
    content = f"---\ntitle: x\n{date}: 2026-11-23\npermalink: false\n---\n"
    assert read(content) == UnpublishedDocument()
    refused = read_document(content.encode(), unpublished="announce", defaults=SITE, key="a.md")
    assert isinstance(refused, Rejection)
    assert "is missing" in refused.reason


def test_topic_rules_go_before_the_topics_of_a_source() -> None:
    """And after those that an article has."""
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
        ('{"title": "x", "images": [{"url": "y", "url": "z"}]}', "url appears twice", None),
        ("{" + "".join(f'"{n}": 1, ' for n in range(6000)) + '"0": 1}', "0 appears twice", None),
        ('{"title": "x"', "not valid JSON", 1),
        ('{\n"title": x}', "not valid JSON", 2),
        ('{"a": ' + "[" * 10_000, "levels deep", None),
        ('{"a": ' + "[" * 30 + "]" * 30 + "}", "levels deep", None),
        ('{"a": "' + "x" * MAX_BYTES + '"}', "64 KB", None),
        (b'{"title": "\xff"}', "save the file as UTF-8", None),
        ('{"a": ' + "1" * 5000 + "}", "a number with thousands of digits", None),
    ],
)
def test_broken_toml_and_json_is_rejected(
    content: str | bytes, words: str, line: int | None
) -> None:
    """With reason, and with the line where it is known."""
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
def test_a_key_of_toml_with_too_many_parts_is_refused_before_it_is_read(text: str) -> None:
    """The library takes longer with each part: seconds for what front matter may hold."""
    started = time.process_time()
    refused = read_rejection(f"+++\ntitle = 'x'\n{text}\n+++\n")
    assert time.process_time() - started < 0.5
    assert refused == Rejection("is nested more than 20 levels deep", 3 + text.count("\n"), None)


def test_text_in_toml_may_have_as_many_full_stops_as_it_likes() -> None:
    """Whatever quotes it stands in, also in comments."""
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
def test_no_text_is_taken_for_a_key(parts: list[str], form: str) -> None:
    """However it is written in TOML, and whatever stands on the same line."""
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


def test_a_page_can_not_make_a_long_address_longer() -> None:
    """Sixty thousand signs could stand for gigabytes."""
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
    """Nothing else comes of it."""
    text = "".join(parts)
    for whole in (f"+++\n{text}\n+++\n", f'{{"title": {text}}}\n', f"---\n{text}\n---\n"):
        check_reading(read(whole.encode("utf-8", "surrogatepass"), key))
