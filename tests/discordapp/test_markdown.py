import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp.markdown import discord_length, emphasised, escaped, masked_link, plain
from tests.discordapp.rendering.limits import addresses, check_markup, hostile

limits = st.integers(0, 300)
parts = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6)
_ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
# What Discord takes as bold: https://support.discord.com/hc/en-us/articles/210298617
_BOLD = re.compile(r"\*\*((?:\\.|[^\\*])+)\*\*(?!\*)")


def test_length_is_counted_in_utf16_units() -> None:
    """An emoji outside the basic plane counts twice, as in the strictest way to count."""
    assert discord_length("a字\U0001d54f") == 4


@given(hostile, limits)
def test_plain_text_fits_is_one_line_and_can_be_sent(text: str, limit: int) -> None:
    """Any text becomes one stripped line within the limit."""
    result = plain(text, limit)
    assert discord_length(result) <= limit
    assert result == " ".join(result.split())
    result.encode()


@given(hostile, limits)
def test_plain_is_idempotent(text: str, limit: int) -> None:
    once = plain(text, limit)
    assert plain(once, limit) == once


@given(hostile, limits)
def test_escaped_text_fits_and_has_no_markup(text: str, limit: int) -> None:
    """Any text becomes one line without markup, mentions or links."""
    result = escaped(text, limit)
    assert discord_length(result) <= limit
    assert result == result.strip()
    assert "\n" not in result
    result.encode()
    check_markup(result)


@given(st.text("abc \\*_", max_size=60), limits)
def test_an_escape_is_never_cut_in_two(text: str, limit: int) -> None:
    """A cut keeps escapes whole, so that the ellipsis is not escaped."""
    result = escaped(text, limit).removesuffix("…")
    backslashes = len(result) - len(result.rstrip("\\"))
    assert backslashes % 2 == 0


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**x**", r"\*\*x\*\*"),
        ("snake_case", r"snake\_case"),
        ("[x](https://e.example)", r"\[x\](https\://e.example)"),
        ("<@1> <#2> <t:3:R>", r"\<@1> \<#2> \<t\:3\:R>"),
        ("</cmd:1>", r"\</cmd\:1>"),
        ("so :smile: then", r"so \:smile: then"),
        ("Reuters: at 10", "Reuters: at 10"),
        ("# one # two", r"\# one # two"),
        ("-# small", r"\-# small"),
        ("1. one 2. two", r"1\. one 2. two"),
        ("> quote > more", r"\> quote > more"),
        ("a || b", r"a \|\| b"),
        ("\\", r"\\"),
        ("@everyone and @HERE", "@\u200beveryone and @\u200bHERE"),
        ("two\r\n- lines", "two - lines"),
        ("over\u202eride", "override"),
    ],
)
def test_markup_is_escaped_only_where_it_has_a_meaning(text: str, shown: str) -> None:
    """Characters without a meaning at their place stay readable."""
    assert escaped(text, 100) == shown


@pytest.mark.parametrize("text", ["", " \n ", "\u200b", "\u0301", "\ufeff\u200d", "\x00\ud800"])
def test_invisible_text_becomes_empty(text: str) -> None:
    """Discord refuses an invisible title; callers can detect an empty string."""
    assert plain(text, 50) == escaped(text, 50) == ""


@pytest.mark.parametrize("cluster", ["👩\u200d👩\u200d👧", "🇩🇪", "👍🏽", "e\u0301", "\U0001d54f"])
def test_a_cut_keeps_whole_characters(cluster: str) -> None:
    """Joined emoji, flags and accents are kept or dropped as a whole."""
    for limit in range(1, 40):
        result = plain(cluster * 20, limit).removesuffix("…")
        assert result == cluster * (len(result) // len(cluster))


def test_a_cut_prefers_the_end_of_a_word() -> None:
    """A cut ends with an ellipsis, and falls between words if there is a space nearby."""
    assert plain("The quick brown fox jumps", 19) == "The quick brown…"


def test_excessive_accents_are_dropped() -> None:
    """Letters with hundreds of accents would cover the lines around them."""
    result = plain("a" + "\u0301" * 500, 1000)
    assert sum(unicodedata.combining(character) > 0 for character in result) < 40


@given(hostile, parts, st.integers(0, 2000))
def test_only_our_own_parts_are_bold(text: str, bold: list[tuple[int, int]], limit: int) -> None:
    """A hostile text can neither end a bold part nor begin one, and is shown in full."""
    line = plain(text, 400)
    result = emphasised(line, bold, limit)
    assert discord_length(result) <= limit
    check_markup(result)
    without_bold = _BOLD.sub(r"\1", result)
    assert without_bold == escaped(line, limit)
    assert "**" not in _ESCAPE.sub("x", without_bold)


@pytest.mark.parametrize(
    ("line", "bold", "shown"),
    [
        ("a robot arm", [(2, 7)], "a **robot** arm"),
        ("robot arms", [(0, 10)], "**robot** **arms**"),
        ("robots", [(0, 3), (3, 6)], "**robots**"),
        ("*C++* is 1*2", [(1, 4)], r"\***C++**\* is 1\*2"),
        ("e\u0301te", [(0, 1)], "**e\u0301**te"),
        ("1. one", [(0, 1)], r"**1**\. one"),
        ("ask @everyone", [(5, 13)], "ask @\u200b**everyone**"),
        ("short", [(3, 3), (9, 12), (4, 2)], "short"),
    ],
)
def test_parts_of_a_line_are_bold(line: str, bold: list[tuple[int, int]], shown: str) -> None:
    """Whole visible characters are, and parts that touch are one."""
    assert emphasised(line, bold, 100) == shown


def test_a_line_that_is_cut_is_not_bold() -> None:
    """Its asterisks could be cut, too."""
    assert emphasised("a robot arm", [(2, 7)], 12) == "a robot arm"


@given(hostile, addresses, st.integers(1, 600))
def test_a_masked_link_fits_and_has_at_most_one_link(label: str, url: str, limit: int) -> None:
    """A hostile label can neither end the link nor begin another."""
    link = masked_link(label, url, limit)
    assert discord_length(link) <= limit
    check_markup(link)
    assert link.count("](") <= 1


@given(hostile, addresses, st.integers(1, 600), parts)
def test_bold_parts_of_a_label_change_no_link(
    label: str, url: str, limit: int, bold: list[tuple[int, int]]
) -> None:
    """The address, and the host beside it, stay the same."""
    link, marked = (masked_link(label, url, limit, bold=find) for find in (None, lambda _: bold))
    assert discord_length(marked) <= limit
    check_markup(marked)
    assert _BOLD.sub(r"\1", marked) == link


def test_brackets_in_a_label_become_parentheses() -> None:
    """Discord does not reliably interpret escaped brackets in labels."""
    link = masked_link("[Update] x](https://evil.example)", "https://a.example/", 200)
    assert link == "[(Update) x)(evil.example)](https://a.example/) (a.example)"


def test_an_unsafe_or_long_address_is_not_linked() -> None:
    """The label is shown without a link."""
    assert masked_link("x", "javascript:1", 100) == "x"
    assert masked_link("x", "https://a.example/" + "y" * 100, 100) == "x"
