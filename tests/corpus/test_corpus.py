"""The comparison with feedparser's test feeds finds what differs."""

from pathlib import Path

import pytest

from tests.corpus.__main__ import read_corpus

FEED = """<!--
Description: a feed
Expect:      {expectation}
-->
<feed xmlns="http://www.w3.org/2005/Atom"><title>The Example</title>
<entry><title type="html">A &lt;b&gt;title&lt;/b&gt;</title><link href="/1"/>
<published>2026-11-23T10:00:00Z</published></entry></feed>"""
AGREE = [
    "not bozo and entries[0]['title'] == 'A <b>title</b>'",
    "entries[0].link == '/1' and feed['title_detail']['value'] == 'The Example'",
    "entries[0]['published_parsed'] == (2026, 11, 23, 10, 0, 0, 0, 327, 0)",
    "entries[0]['title'] == 'this' or entries[0]['title'] == 'that'",
    "entries[0]['author'] == 'not compared'",
]
DIFFER = [
    "not bozo and entries[0]['title'] == 'Another title'",
    "entries[1]['title'] == 'A title'",
    "entries[0]['link'] == '/2'",
    "entries[0]['updated_parsed'] == (2026, 11, 23, 11, 0, 0, 0, 327, 0)",
    "feed['title'] == 'Another'",
]


@pytest.mark.parametrize(
    ("expectation", "differ"), [*((x, 0) for x in AGREE), *((x, 1) for x in DIFFER)]
)
def test_differences_are_counted(tmp_path: Path, expectation: str, differ: int) -> None:
    (tmp_path / "wellformed").mkdir()
    (tmp_path / "wellformed/a.xml").write_text(FEED.format(expectation=expectation))
    result = read_corpus(tmp_path)
    assert (result.well_formed, result.different, len(result.differences)) == (1, differ, differ)


def test_other_files_are_only_read(tmp_path: Path) -> None:
    (tmp_path / "no-feed.xml").write_text("<html/>")
    (tmp_path / "feed.xml").write_text(FEED.format(expectation=DIFFER[0]))
    result = read_corpus(tmp_path)
    assert (result.files, len(result.refused), result.values) == (2, 1, 0)
