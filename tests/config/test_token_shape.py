"""What is clearly not a bot's token."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.settings import discord_token, load_settings
from bot.config.token_shape import token_problem
from bot.errors import TokenError

PART = st.text("abcXYZ012_-", min_size=6, max_size=40)


@given(st.integers(10**16, 2**63), PART, PART)
def test_whatever_looks_like_a_token_is_accepted(number: int, time: str, code: str) -> None:
    first = base64.urlsafe_b64encode(str(number).encode()).decode().rstrip("=")
    assert token_problem(f"{first}.{time}.{code}") is None


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("a.b.c\nd.e.f", "more than one line"),
        ("a.b.c\rd.e.f", "more than one line"),
        ("Bot a.b.c", "a word before the token"),
        ("bearer a.b.c", "a word before the token"),
        ('"a.b.c"', "quotation marks"),
        ("'a.b.c", "quotation marks"),
        ("a.b c", "white space"),
        ("a.b\u00a0c", "white space"),
        ("a.b.c\u2026", "characters that no token has"),
        ("a.b\x00c", "characters that no token has"),
        ("123456789012345678", "the id of an application"),
        ("0a" * 32, "the public key"),
        ("abcDEF_-" * 4, "the client secret"),
    ],
)
def test_what_is_no_token_is_described_without_it(token: str, words: str) -> None:
    problem = token_problem(token)
    assert problem is not None
    assert words in problem
    assert token not in problem
    assert len(problem.splitlines()) == 1


def test_the_place_of_the_wrong_token_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The settings, a file, or the environment."""
    monkeypatch.chdir(tmp_path)
    settings = tmp_path / "storywire.yaml"
    settings.write_text("discord: {token: Bot a.b.c}", encoding="utf-8")
    with pytest.raises(TokenError, match=r"the setting discord\.token begins with a word"):
        discord_token(load_settings())
    file = tmp_path / "token"
    file.write_text("a.b.c\nd\n", encoding="utf-8")
    monkeypatch.setenv("DISCORD_TOKEN_FILE", str(file))
    with pytest.raises(TokenError, match=r"DISCORD_TOKEN_FILE: .* contains more than one line"):
        discord_token(load_settings())
    monkeypatch.setenv("DISCORD_TOKEN", "123456789012345678")
    with pytest.raises(TokenError, match=r"^DISCORD_TOKEN is the id of an application"):
        discord_token(load_settings())
