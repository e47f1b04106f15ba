import json
import subprocess
import sys

import pytest

from bot.ingest.document import read_document
from bot.ingest.frontmatter import MAX_BYTES, MAX_DEPTH
from storage.models import UnpublishedDocument
from tests.ingest.support import read_article, read_rejection
from tests.support.articles import REQUIRED_FIELDS, make_markdown

NEEDED = "\n".join(f"{name}: {value}" for name, value in REQUIRED_FIELDS.items())


def wrap(yaml: str) -> bytes:
    return f"---\n{yaml}\n---\n".encode()


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + make_markdown(),
        make_markdown().replace(b"\n", b"\r\n"),
        make_markdown().replace(b"\n", b"\r"),
        make_markdown().replace(b"---\n", b"--- \t\n"),
        wrap(NEEDED),
        wrap(NEEDED).rstrip(),
        make_markdown() + b"\n---\nmore: text\n---\n",
        make_markdown() + b"\xff\xfe\0 a body in any encoding",
        make_markdown("text: |", "  ---", "  more"),
        make_markdown(title='"a --- b"'),
        b"\n \r\n" + make_markdown(),
        b"\xef\xbb\xbf\n" + make_markdown(),
        b"  " + make_markdown(),
        wrap(NEEDED).replace(b"\n---\n", b"\n...\n"),
        wrap(NEEDED).replace(b"\n---\n", b"\n... \r\n---\n"),
        make_markdown().replace(b": ", b":\t"),
    ],
    ids=[
        "byte order mark",
        "CRLF",
        "CR",
        "spaces after the dashes",
        "no body",
        "no last line break",
        "rules in the body",
        "any body",
        "dashes in a text",
        "dashes in a title",
        "empty lines before it",
        "an empty line after a byte order mark",
        "spaces before the dashes",
        "dots at the end",
        "dots, and a rule in the body",
        "tabs after colons",
    ],
)
def test_front_matter_is_found(content: bytes) -> None:
    """Line endings, a byte order mark and the body make no difference."""
    assert read_article(content).url == "https://news.example/story"


@pytest.mark.parametrize(
    ("content", "words", "line"),
    [
        (b"", "first line must be ---", 1),
        (b"# A page", "first line must be ---", 1),
        (b"----\ntitle: x\n----\n", "first line must be ---", 1),
        (b"---\ntitle: half written", "end it with a line ---", None),
        (b"---", "end it with a line ---", None),
        (b"---\ntitle: half written\n----\n -", "end it with a line ---", None),
        (b"---\n---\n", "empty", None),
        (b"---\n# a comment\n---\n", "empty", None),
        (wrap("- a\n- b"), "name: value", 2),
        (wrap("text"), "name: value", 2),
        (wrap("a: 1\n--- b"), "more than one document", 3),
        (wrap("title: a: b"), "quote text that contains a colon", 2),
        (wrap('a: 1\ntitle: "x\nb: 1'), "opens here is not closed", 3),
        (wrap("\ttitle: x"), "indent with spaces", 2),
        (wrap("title: x\n\tmore: y"), "indent with spaces", 3),
        (wrap("title: @x"), "quote text that begins with", 2),
        (wrap("title: x\nb: 2\ntitle: y"), "twice, first on line 2", 4),
        (wrap("title: !!python/object/apply:os.system [ls]"), "YAML tag", 2),
        (wrap("a: 1\ndate: !secret x"), "YAML tag", 3),
        (wrap("a: 1\ndate: !binary '2026'"), "YAML tag", 3),
        (wrap("a: 1\nbuild: {render: !x never}"), "YAML tag", 3),
        (wrap("a: *nothing"), "without an anchor", 2),
        (wrap("a: &a [*a]"), "without an anchor", 2),
        (wrap('title: "\\ud800"'), "not valid YAML", 2),
        (wrap("a: 1\ntitle: x\0y"), "control character U+0000", 3),
        (wrap("a: é\r\ntitle: x\x07y"), "control character U+0007", 3),
        ("---\ntitle: Füße\n---\n".encode("latin-1"), "save the file as UTF-8", 2),
        (make_markdown().decode().encode("utf-16"), "UTF-16", None),
        (make_markdown().decode().encode("utf-16-le"), "UTF-16", None),
        (make_markdown().decode().encode("utf-16-be"), "UTF-16", None),
        (b"---\r\na: 1\r\ntitle: \xed\xa0\x80\r\n---\r\n", "save the file as UTF-8", 3),
    ],
)
def test_invalid_front_matter_is_rejected_with_its_line(
    content: bytes, words: str, line: int | None
) -> None:
    refused = read_rejection(content)
    assert words in refused.reason
    assert refused.line == line
    assert "\n" not in str(refused)


def test_the_size_of_front_matter_is_limited() -> None:
    """More than 64 KB are rejected, closed or not."""
    for end in (b"\n---\n", b""):
        assert "64 KB" in read_rejection(b"---\ntitle: " + b"x" * MAX_BYTES + end).reason


def test_the_size_of_the_body_is_not_limited() -> None:
    assert read_article(make_markdown() + b"x" * 10_000_000).title == "A story"


def test_the_depth_of_front_matter_is_limited() -> None:
    inside = MAX_DEPTH - 1
    assert read_article(make_markdown(deep="[" * inside + "x" + "]" * inside)).title
    assert "levels deep" in read_rejection(make_markdown(deep="[" * 40 + "x" + "]" * 40)).reason
    assert (
        read_rejection(make_markdown("deep:", *(" " * n + f"a{n}:" for n in range(1, 40)))).line
        == 25
    )


def test_the_number_of_aliases_is_limited() -> None:
    """An alias bomb is rejected before it expands."""
    bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    bomb += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    refused = read_rejection(make_markdown(*bomb))
    assert refused.reason == "has too many aliases (*name)"
    assert refused.line == 10


def test_a_line_number_counts_lines_before_the_front_matter() -> None:
    refused = read_rejection(b"\n \r\n\t" + wrap(f"quality: much\n{NEEDED}"))
    assert (refused.field, refused.line) == ("quality", 4)


@pytest.mark.parametrize(
    "lines",
    [
        ["version: 1", "author: someone", "version: 2"],
        ["topics: [a]", "topics: [AI]"],
        ["author: {name: a, name: b}"],
        ["title: A story"],
        ["date: 2026-03-02", "date: 2026-03-02"],
        ["? [a, b]", ": c", "? {d: e}", ": f"],
        ["base: &base {a: b}", "author: {<<: *base, c: d}", "more: {<<: [*base, *base]}"],
        ["more: {<<: text}"],
        ["<<: {title: another, webUrl: ''}"],
        ["more: !secret x", "and: !!python/object/apply:os.system [ls]", "so: !<x> {a: b}"],
        ["more: !ruby/object:Gem::Version {version: 1}"],
    ],
)
def test_what_plays_no_part_harms_nothing(lines: list[str]) -> None:
    """Fields that are there twice, keys that are not text, merged fields, tags of programs."""
    article = read_article(make_markdown(*lines))
    assert (article.title, article.url) == ("A story", "https://news.example/story")


def test_the_last_of_two_equal_keys_counts() -> None:
    assert read_article(make_markdown("topics: [a]", "topics: [AI]")).topics == ("AI",)
    text = '{"title": "x", "publishedDateTime": "2026-03-02", "webUrl": "https://a.example/x", '
    assert read_article((text + '"topics": ["a"], "topics": ["b"]}').encode()).topics == ("b",)


@pytest.mark.parametrize(
    "lines",
    [
        ["draft: true", "draft: false"],
        ["Draft: true", "Draft: false"],
        ["publishedDateTime: 2026-03-02"],
        ["build: {render: never, render: always}"],
        ["build: {render: never}", "build: {render: always}"],
        ["permalink: /a/", "permalink: /b/"],
        ["quality: 1", "quality: 2"],
    ],
)
def test_a_decisive_field_must_be_there_once(lines: list[str]) -> None:
    """Another value of it could publish a draft, or something else than was meant."""
    refused = read_rejection(make_markdown(*lines))
    assert refused.reason.startswith("appears twice")
    name = next(iter(lines)).partition(":")[0]
    assert refused.field in {name, "render"}
    json_fields = '{"title": "x", "draft": true, "draft": false}'
    assert read_rejection(json_fields.encode()).field == "draft"


def test_merged_fields_count() -> None:
    """They decide about publication as written ones do, which take precedence."""
    content = make_markdown("<<: {published: false}")
    assert read_document(content, unpublished="skip") == UnpublishedDocument()
    content = make_markdown("a: &a {quality: 7, heat: 5}", "<<: [*a, {heat: 6}]", quality="8")
    assert (read_article(content).quality, read_article(content).heat) == (8, 5)


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("!binary |-\n  QnJvdA==", "Brot"),
        ("!!binary w4RwZmVs", "Äpfel"),
        ("!binary 'w4Rw\n  ZmVs'", "Äpfel"),
        ("!ruby/symbol bread", "bread"),
        ("!ruby/string:Text bread", "bread"),
        ("!!str 2020", "2020"),
        ("!str 2020", "2020"),
        ("! bread", "bread"),
        ("!!python/unicode bread", "bread"),
        ("!!timestamp 2020-01-01", "2020-01-01"),
    ],
)
def test_tags_of_exporters_are_understood(written: str, title: str) -> None:
    assert read_article(make_markdown(title=written)).title == title


def test_lists_with_tags_are_lists() -> None:
    """The elements of a set are its keys."""
    for written in ("!!set {AI, Law}", "!ruby/array:List [AI, Law]", "!!seq [!ruby/sym AI, Law]"):
        assert read_article(make_markdown(topics=written)).topics == ("AI", "Law")


def test_equal_keys_are_not_compared_in_depth() -> None:
    """Comparing two values full of aliases would take exponential time."""
    bomb = ["build: &x0 [x]", "build: &y0 [x]"]
    bomb += [f"{c}{n}: &{c}{n} [*{c}{n - 1}, *{c}{n - 1}]" for c in "xy" for n in range(1, 25)]
    assert read_rejection(make_markdown(*bomb[2:], *bomb[:2])).line
    more = ["a: &x0 [x]", "b: &y0 [x]", *bomb[2:], "title: *x24"]
    assert read_rejection(make_markdown(*more, title="*y24")).line


NO_FIELDS = "has no fields in its front matter; write them as name: value"
EMPTY = "has empty front matter; it needs at least a title"
TOO_DEEP = "is nested more than 20 levels deep"
NO_TITLE = "is missing or empty"
COLON = (
    "is not valid YAML: mapping values are not allowed in this context; quote text that contains a"
    " colon"
)
NO_KEY = "is not valid YAML: did not find expected key"
NO_CONTENT = "is not valid YAML: did not find expected node content"
NO_MAPPING_KEYS = "is not valid YAML: mapping keys are not allowed in this context"
# The text, the reason of its rejection as a whole front matter, and as the value of a field.
HOSTILE = {
    "flow sequences": ("[" * 32_000, NO_FIELDS, TOO_DEEP),
    "flow mappings": ("{" * 32_000, TOO_DEEP, TOO_DEEP),
    "flow pairs": ("{a: " * 16_000, TOO_DEEP, TOO_DEEP),
    "block sequences": (
        "- " * 32_000,
        NO_FIELDS,
        "is not valid YAML: block sequence entries are not allowed in this context",
    ),
    "block keys": ("? " * 32_000, TOO_DEEP, NO_MAPPING_KEYS),
    "indented mappings": ("\n".join(" " * n + "a:" for n in range(350)), TOO_DEEP, COLON),
    "closing brackets": ("]" * 60_000, NO_CONTENT, NO_CONTENT),
    "anchors": ("&a " * 20_000, EMPTY, NO_KEY),
    "aliases": ("*a " * 20_000, NO_FIELDS, "has an alias (*name) without an anchor (&name)"),
    "tags": ("!" * 60_000, EMPTY, NO_TITLE),
    "quotes": ('"' * 60_000, EMPTY, NO_KEY),
    "colons": (":" * 60_000, NO_FIELDS, COLON),
    "empty keys": ("? \n" * 20_000, NO_TITLE, NO_MAPPING_KEYS),
    "long key": ("x" * 60_000 + ": y", NO_FIELDS, COLON),
    "many fields": ("\n".join(f"f{n}: x" for n in range(6000)), NO_TITLE, COLON),
    "directives": (
        "%" * 60_000,
        "is not valid YAML: could not find expected directive name",
        "is not valid YAML: found character that cannot start any token; indent with spaces, and"
        " quote text that begins with a special character",
    ),
    "folded": ("a: >\n" + " \n" * 30_000, NO_TITLE, COLON),
    "escapes": ('a: "' + "\\x41" * 15_000 + '"', NO_TITLE, COLON),
    "percent tag": ("a: !<" + "%41" * 20_000 + "> x", NO_TITLE, COLON),
}


def test_hostile_front_matter_is_rejected() -> None:
    """Deep nesting could overflow the C stack, which no `except` clause catches.

    The documents are read in another process, so that a crash fails only this test.
    """
    program = (
        "import json, sys; from bot.ingest.document import read_document\n"
        "blocks = sys.stdin.buffer.read().split(b'\\0')\n"
        "found = [read_document(block, unpublished='skip') for block in blocks]\n"
        "print(json.dumps([each.reason for each in found]))"
    )
    blocks = [wrap(prefix + yaml) for yaml, *_ in HOSTILE.values() for prefix in ("", "a: ")]
    child = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", program],
        input=b"\0".join(blocks),
        capture_output=True,
        timeout=50,
        check=False,
    )
    assert child.returncode == 0, child
    reasons = iter(json.loads(child.stdout))
    assert {name: (next(reasons), next(reasons)) for name in HOSTILE} == {
        name: (alone, as_value) for name, (_, alone, as_value) in HOSTILE.items()
    }
