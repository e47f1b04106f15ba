"""Markup in a text of unknown kind is removed, and its words stay as they are."""

import html

from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.html.html_to_text import HtmlConverter
from bot.ingest.html.plain_text import Markup, convert_text, one_line_text

CONVERTER = HtmlConverter()
ELEMENTS = st.sampled_from(["p", "b", "em", "div", "span", "a", "h2", "small"])
ATTRIBUTES = st.sampled_from(["", ' class="x"', " title='a &amp; b'"])


@given(
    st.lists(st.text("ab&'\"é’–", min_size=1, max_size=8), min_size=1, max_size=5),
    ELEMENTS,
    ATTRIBUTES,
    st.integers(1, 2),
)
def test_words_in_markup_are_shown_as_they_are(
    words: list[str], element: str, attributes: str, times: int
) -> None:
    """Whatever elements they are in, and whether they are escaped once or twice."""
    text = escaped = " ".join(words)
    for _ in range(times):
        escaped = html.escape(escaped)
    markup = f"<{element}{attributes}>{escaped}</{element}>"
    for kind in (Markup.HTML, Markup.UNKNOWN):
        assert one_line_text(markup, kind) == text
        assert convert_text(markup, kind, CONVERTER).text == text
