"""Whatever a text consists of, it is read in a moment, and gives plain text."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.body.paragraphs import MAX_EXCERPT
from bot.ingest.body.reading import MAX_BYTES, read_body

PIECES = (
    *("[", "![", "](", "[a](", "![a](", "[a][", "[[", "^[", "[@a", "[^a]: ", "[a]: b", "> ", "- "),
    *("1. ", "* ", "`", "``", "` ", "*", "_", "**a", "a*", "~~", "==", "<", "<a ", "<A>", "</A>"),
    *(
        "<div>",
        "<p hidden>",
        "<!--",
        "-->",
        "<script>",
        "<img src=",
        "{",
        "}",
        "{{",
        "{{< a ",
        "{%",
    ),
    *("{{< a >}}", "{{< /a >}}", "{% a %}", "{% enda %}", "{% if x %}", "{% else %}", "{% raw %}"),
    *(
        "{#",
        "={",
        "{/*",
        "*/}",
        "&",
        "&amp;",
        "\\",
        "|",
        "|-|",
        "$$",
        "\\[",
        ":::a",
        ":::",
        "!!! a",
    ),
    *(
        "import a",
        "export {",
        ":a:",
        "http://a",
        "<sup><a>",
        "中",
        "é. ",
        "a",
        " ",
        "    ",
        "\t",
        "#",
    ),
    *("=", "---", "```", "~~~", "<!-- more -->", "\0", "\u202e", "\r", '"', "'", "(", ")", "\n"),
)
PATHS = ("a.md", "a.mdx", "a.html")


def read_everything(text: str, path: str) -> str:
    """Read all properties, and return the excerpt."""
    reading = read_body(text.encode("utf-8", "replace"), path)
    assert isinstance(reading.heading, str)
    assert all(isinstance(each, str) for each in reading.pictures)
    return reading.excerpt


@given(
    st.one_of(
        st.text(max_size=300),
        st.lists(st.sampled_from((*PIECES, "\n\n", "word", "\n- "))).map("".join),
    ),
    st.sampled_from(PATHS),
)
def test_any_text_gives_plain_text(text: str, path: str) -> None:
    """On one line, of limited length; nothing raises an exception."""
    excerpt = read_everything(text, path)
    assert excerpt == " ".join(excerpt.split())
    assert len(excerpt) <= MAX_EXCERPT
    assert not {"\ue000", "\ue001", "\ue002", "\0"} & set(excerpt)


@given(st.binary(max_size=200), st.sampled_from(PATHS))
def test_any_bytes_are_read(content: bytes, path: str) -> None:
    reading = read_body(content, path)
    assert isinstance(reading.heading + reading.excerpt, str)
    assert len(reading.pictures) <= 10


WORDS = st.lists(
    st.sampled_from(["ferry", "harbour", "sails", "ice,", "old", "1999", "é"]), min_size=12
)
WRAPPERS = st.sampled_from(
    [
        "{}",
        "**{}**",
        "*{}* x",
        "[{}](/a) x",
        "`{}`",
        "<b>{}</b>",
        "<span id='a'>{}</span>",
        "~~{}~~",
    ]
)
BEFORE = st.sampled_from(
    ["", "# T", "![a](b.png)", '{{< a b="c" >}}', "{% a %}", "<!-- x -->", "***", "[^1]: x", "> q"]
)


@given(BEFORE, WORDS, WRAPPERS, st.sampled_from([" ", "\n"]))
def test_words_of_the_first_paragraph_are_the_excerpt(
    before: str, words: list[str], wrapper: str, separator: str
) -> None:
    """Without the markup that they are in."""
    body = f"{before}\n\n{wrapper.format(separator.join(words))} and so it ends."
    shown = f"{wrapper.format(' '.join(words))} and so it ends."
    for markup in ("**", "*", "[", "](/a)", "`", "<b>", "</b>", "<span id='a'>", "</span>", "~~"):
        shown = shown.replace(markup, "")
    excerpt = read_everything(body, "a.md")
    assert shown.startswith(excerpt.removesuffix("…"))
    assert len(excerpt) >= min(len(shown), 200)


@pytest.mark.parametrize("path", PATHS)
def test_repetitions_are_read_in_a_moment(path: str) -> None:
    pairs = (first + second for first, second in product(PIECES[::9], PIECES[1::9]))
    for piece in (*PIECES, *pairs, *(f"{each}\n" for each in PIECES[::2])):
        read_everything(piece * (2 * MAX_BYTES // len(piece)), path)


@pytest.mark.parametrize("text", ["9" * 40 + "x", "1 " * 60 + "x", "may " * 50 + "1 x"])
def test_long_number_is_read_in_a_moment(text: str) -> None:
    """It is not split in all possible ways to find out whether it is a date."""
    assert read_body(text.encode(), "a.md").excerpt == text
