import subprocess
import sys

import pytest

from bot.ingest.frontmatter import MAX_ALIASES, MAX_BYTES, MAX_DEPTH
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
        (b"\n" + make_markdown(), "first line must be ---", 1),
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
        (wrap("a: 1\n? [b, c]\n: d"), "a key that is not text", 3),
        (wrap("a: 1\n? {b: c}\n: d"), "a key that is not text", 3),
        (wrap("a: !!python/object/apply:os.system [ls]"), "YAML tag", 2),
        (wrap("a: 1\nb: !secret x"), "YAML tag", 3),
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
    assert refused.reason == f"has more than {MAX_ALIASES} aliases"
    assert refused.line == 17


def test_values_under_aliases_are_not_copied() -> None:
    """A bomb within the limit stays as small as it is written."""
    bomb = ["topics: &a0 [x, x, x, x, x, x, x, x, x]"]
    bomb += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert read_article(make_markdown(*bomb, "related: *a11")).topics == ("x",)


HOSTILE = {
    "flow sequences": "[" * 32_000,
    "flow mappings": "{" * 32_000,
    "flow pairs": "{a: " * 16_000,
    "block sequences": "- " * 32_000,
    "block keys": "? " * 32_000,
    "indented mappings": "\n".join(" " * n + "a:" for n in range(350)),
    "closing brackets": "]" * 60_000,
    "anchors": "&a " * 20_000,
    "aliases": "*a " * 20_000,
    "tags": "!" * 60_000,
    "quotes": '"' * 60_000,
    "colons": ":" * 60_000,
    "empty keys": "? \n" * 20_000,
    "long key": "x" * 60_000 + ": y",
    "many fields": "\n".join(f"f{n}: x" for n in range(6000)),
    "directives": "%" * 60_000,
    "folded": "a: >\n" + " \n" * 30_000,
    "escapes": 'a: "' + "\\x41" * 15_000 + '"',
    "percent tag": "a: !<" + "%41" * 20_000 + "> x",
}


def test_hostile_front_matter_does_not_crash_the_process() -> None:
    """Deep nesting could overflow the C stack, which no `except` clause catches.

    The documents are first read in another process, so that a crash fails only this test.
    """
    program = (
        "import sys; from bot.ingest.document import read_document\n"
        "for block in sys.stdin.buffer.read().split(b'\\0'):\n"
        "    read_document(block, unpublished='skip')\n"
        "print('alive')"
    )
    blocks = b"\0".join(wrap(f"a: {yaml}") + b"\0" + wrap(yaml) for yaml in HOSTILE.values())
    child = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", program], input=blocks, capture_output=True, timeout=50, check=False
    )
    assert child.stdout == b"alive\n", child


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_front_matter_is_rejected(name: str) -> None:
    """Parsing it in full would take longer than a test may."""
    for yaml in (HOSTILE[name], "a: " + HOSTILE[name]):
        assert read_rejection(wrap(yaml)).reason
