import pytest

from bot.ingest.sites.configuration import read_toml, read_yaml


def test_yaml_values_stay_text() -> None:
    """Scalars are text, as in front matter; empty ones are None."""
    content = b"title: Northtown\nfuture: yes\nyear: 2020\nurl:\nplugins: [feed, seo]\nx: {y: 1}\n"
    assert read_yaml(content) == {
        "title": "Northtown",
        "future": "yes",
        "year": "2020",
        "url": None,
        "plugins": ["feed", "seo"],
        "x": {"y": "1"},
    }


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a: 1\na: 2\n", {"a": "2"}),
        (b"base: &b {x: 1, y: 2}\nz:\n  <<: *b\n  y: 3\n", {"x": "1", "y": "3"}),
        (b"z: !ENV [NAME, x]\n", ["NAME", "x"]),
        (b"z: !!python/name:materialx.emoji.twemoji\n", ""),
        (b"\xef\xbb\xbfz: b\n", "b"),
        (b"---\nz: b\n---\nz: c\n", "b"),
    ],
    ids=["key twice", "merged", "tag", "python tag", "byte order mark", "two documents"],
)
def test_yaml_is_read_leniently(content: bytes, expected: object) -> None:
    """Keys that are there twice, merged mappings and unknown tags are no errors."""
    read = read_yaml(content)
    assert read.get("z", read) == expected


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"- a\n",
        b"a: [1\n",
        b"\xff\xfe",
        b"a: \0\n",
        b"[" * 100_000,
        b"a: " + b"[" * 60 + b"]" * 60,
        b"a: *missing",
        b"a: &a 1\nb: [" + b"*a," * 300 + b"]",
    ],
    ids=repr,
)
def test_yaml_that_is_malformed_is_empty(content: bytes | None) -> None:
    """A configuration that can't be read, or that is missing, has no values."""
    assert not any(read_yaml(content).values())


def test_toml_values_are_text() -> None:
    """Scalars of TOML are text, too."""
    content = b'url = "https://site.example"\nfuture = true\nday = 2026-03-02\n[a]\nn = [1, 2.5]\n'
    assert read_toml(content) == {
        "url": "https://site.example",
        "future": "true",
        "day": "2026-03-02",
        "a": {"n": ["1", "2.5"]},
    }


@pytest.mark.parametrize("content", [None, b"a = ", b"\xff", b"a = " + b"[" * 100_000], ids=repr)
def test_toml_that_is_malformed_is_empty(content: bytes | None) -> None:
    """A configuration that can't be read, or that is missing, has no values."""
    assert read_toml(content) == {}
