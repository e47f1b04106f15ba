from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.ingest.topic_files import MAX_BYTES, read_topic_folder
from bot.ingest.topics import TopicRule

# A list that expands to 9**30 entries.
BOMB = (
    b"name: a\na0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    + b"".join(
        b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 30)
    )
    + b"keywords: [*a29]"
)


def test_folder_contains_a_rule_per_file(tmp_path: Path) -> None:
    """Rules are in the order of the file names; other files are ignored."""
    (tmp_path / "b.yml").write_text("name: Law\nkeywords:\n  - court\nhashtags:\n")
    (tmp_path / "a.yaml").write_text("name: AI\nhashtags: ['#ai', 2020]\naliases: [K.I.]\nicon: x")
    (tmp_path / "README.md").write_text("text")
    assert list(read_topic_folder(tmp_path)) == [
        TopicRule("AI", hashtags=("#ai", "2020"), aliases=("K.I.",)),
        TopicRule("Law", keywords=("court",)),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "needs a `name`"),
        (b"[a]", "needs a `name`"),
        (b"name: 5", "needs a `name`"),
        (b"name: [a", "line 1 is not valid YAML"),
        (b"name: \xff", "not valid YAML"),
        (b"name: !!timestamp x", "not valid YAML"),
        (b"name: !!int ''", "not valid YAML"),
        (b"name: a\nkeywords: text", "write `keywords` as a list"),
        (b"a: " + b"[" * 5000, "not valid YAML"),
        (b"name: a\nkeywords: [b]\nkeywords: [c]", "line 3: `keywords` is defined twice"),
        (b"name: a\nkeywords: [b, no]", "an entry of `keywords` is not text; put it in quotes"),
        (b"name: a\naliases:\n- b: c", "an entry of `aliases` is not text"),
        (BOMB, "an entry of `keywords` is not text"),
        (b"name: a\n" + b"#" * MAX_BYTES, "larger than 1 MB"),
    ],
)
def test_invalid_rule_is_reported_with_its_file(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    with pytest.raises(SettingsError, match=message) as caught:
        list(read_topic_folder(tmp_path))
    assert "a.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_folder_is_reported_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"topics\.folders: .*No such file"):
        list(read_topic_folder(tmp_path / "nowhere"))
