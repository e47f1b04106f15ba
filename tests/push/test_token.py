"""The file with the token."""

from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.push.token import read_token


def test_white_space_around_the_token_does_not_count(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("  0123456789abcdef\r\n", encoding="utf-8")
    assert read_token(file) == b"0123456789abcdef"


@pytest.mark.parametrize(
    "content", [b"", b"0123456789abcde", b"0123456789 abcdef", b"0123456789abcde\xc3\xbc"]
)
def test_a_weak_token_is_an_error_with_a_remedy(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        read_token(file)
    assert str(caught.value) == (
        "push.token_file: the file must contain one line of 16 to 1,000 letters, digits and signs,"
        " without spaces: openssl rand -hex 32"
    )


@pytest.mark.parametrize(
    ("name", "problem"),
    [("none", "No such file or directory"), (".", "Is a directory"), ("latin", "it is not text")],
)
def test_an_unreadable_token_is_an_error(tmp_path: Path, name: str, problem: str) -> None:
    """The path is not shown: it may be the token."""
    (tmp_path / "latin").write_bytes(b"\xff" * 20)
    with pytest.raises(SettingsError) as caught:
        read_token(tmp_path / name)
    assert (
        str(caught.value)
        == f"push.token_file: the file can't be read: {problem} (storywire docs push)"
    )
