"""Sources are added to a settings file without any other change."""

import stat
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.config.settings import load_settings
from bot.config.settings_file import add_sources, append_sources
from bot.errors import SettingsError

NEW: Mapping[str, object] = {
    "feed": "https://new.example/feed?a=1&b=2",
    "provider": {"name": "New: “quoted” # one", "domain": "new.example"},
    "topics": ["AI", "yes", "1.0"],
}
ADDED = """\
  - feed: https://new.example/feed?a=1&b=2
    provider:
      name: 'New: “quoted” # one'
      domain: new.example
    topics: [AI, 'yes', '1.0']
"""


def added(text: str, *entries: Mapping[str, object]) -> str:
    return append_sources(text, entries or (NEW,))


def test_sources_are_added_below_the_last_one() -> None:
    """Comments that are indented as the list belong to it; everything else stays below."""
    above = """\
# Mine; don't touch!
database:   'var/news.db'   # a comment

sources:  # all of them
  - folder: articles   # ours

  - feed: "https://example.org/feed"
    topics: [
      AI,  # first
    ]
    # the end of this one
  # - feed: https://example.org/off
"""
    below = """\

# how to announce
announce:
      max_age: 7d   # a week
"""
    assert added(above + below) == above + ADDED + below


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"sources:\n{ADDED}"),
        ("# nothing yet", f"# nothing yet\nsources:\n{ADDED}"),
        ("database: a.db\n", f"database: a.db\nsources:\n{ADDED}"),
        ("sources: []  # none\ndatabase: a.db", f"sources:  # none\n{ADDED}database: a.db"),
        ("sources:\n  - folder: a", f"sources:\n  - folder: a\n{ADDED}"),
    ],
)
def test_an_absent_or_empty_list_gets_them(before: str, after: str) -> None:
    assert added(before) == after


def test_a_list_keeps_its_indentation_and_line_ends() -> None:
    """Also one that is not indented, after which a comment belongs to the next section."""
    text = "sources:\r\n- folder: a\r\n# about the database\r\ndatabase: a.db\r\n"
    assert added(text, {"feed": "https://a.example/"}) == (
        "sources:\r\n- folder: a\r\n- feed: https://a.example/\r\n# about the database\r\n"
        "database: a.db\r\n"
    )


def test_a_list_in_one_line_stays_in_one_line() -> None:
    text = "sources: [{folder: a}, {folder: b}]  # two\ndatabase: a.db\n"
    assert added(text, {"feed": "https://a.example/"}) == (
        "sources: [{folder: a}, {folder: b}, {feed: 'https://a.example/'}]  # two\ndatabase: a.db\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "{database: a.db}\n",
        "database: a.db\n...\n",
        "x: &all\n  - folder: a\nsources: *all\n",
    ],
)
def test_a_file_of_an_unusual_form_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="a form to which no source can be added"):
        added(text)


def test_comments_in_brackets_are_not_removed() -> None:
    with pytest.raises(SettingsError, match="there are comments in the brackets of `sources`"):
        added("sources: [\n  # - folder: mine\n]\n")


def test_sources_that_are_no_list_are_refused() -> None:
    with pytest.raises(SettingsError, match="`sources` is not a list"):
        added("sources: {}\n")


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_COMMENTS = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=20)


@given(st.lists(st.tuples(_TEXTS, _COMMENTS, st.integers(0, 5)), max_size=5), _TEXTS)
def test_no_line_is_lost_whatever_a_file_contains(
    existing: list[tuple[str, str, int]], name: str
) -> None:
    """The new lines are in one place, and the entry is read as it was written."""
    lines = ["database: a.db", "sources:" if existing else "# no sources"]
    for text, comment, indentation in existing:
        lines += [f"  - {yaml.safe_dump({'provider': text}, width=30).strip()}"[:200]]
        lines += [f"{' ' * indentation}# {comment}", ""]
    before = "\n".join([*lines, "announce: {}  # end", ""])
    try:
        content = yaml.safe_load(before)
    except yaml.YAMLError:
        return
    entry = {"feed": "https://a.example/", "provider": name}
    after = added(before, entry)
    assert yaml.safe_load(after)["sources"] == [*content.get("sources", []), entry]
    grown = len(after) - len(before)
    assert any(after[:at] + after[at + grown :] == before for at in range(len(before) + 1))


def test_a_written_file_keeps_its_mode_and_link(tmp_path: Path) -> None:
    """And nothing is left beside it."""
    real = tmp_path / "real.yaml"
    real.write_text("sources:\n  - folder: a\n", encoding="utf-8")
    real.chmod(0o640)
    link = tmp_path / "storywire.yaml"
    link.symlink_to(real)
    add_sources(link, [NEW])
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert len(load_settings(link).sources) == 2
    assert sorted(each.name for each in tmp_path.iterdir()) == ["real.yaml", "storywire.yaml"]


def test_a_file_that_would_not_load_is_left_as_it_is(tmp_path: Path) -> None:
    """The message names the file that people know."""
    file = tmp_path / "storywire.yaml"
    file.write_text("sources:\n  - folder: a\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"storywire\.yaml, line 4: write a duration"):
        add_sources(file, [{"feed": "https://a.example/", "every": "often"}])
    assert file.read_text(encoding="utf-8") == "sources:\n  - folder: a\n"
    assert list(tmp_path.iterdir()) == [file]


def test_sources_in_a_variable_take_no_effect_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written that would have no effect."""
    monkeypatch.setenv("STORYWIRE_SOURCES", '[{"folder": "a"}]')
    with pytest.raises(SettingsError, match="STORYWIRE_SOURCES is set"):
        add_sources(tmp_path / "storywire.yaml", [NEW])
    assert list(tmp_path.iterdir()) == []
