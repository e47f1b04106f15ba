"""Secrets in texts are hidden, and all else stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.urls.redaction import (
    MAX_REDACTED_LENGTH,
    contains_secret,
    looks_random,
    redact,
    redact_address,
)

# Put together here, because scanners for leaked tokens would find them otherwise.
TOKENS = [
    "MTE5NjE4NDA3NTM0MjQ4MzA0" + ".GuHq3x" + ".dL7aVd0y1mJrT3sZ8kQwXbNcEfUgHiPoRtYlVb",
    "ghp" + "_16C7e42F292c6912E7710c838347Ae178B4a",
    "gho" + "_16C7e42F292c6912E7710c838347Ae178B4a",
    "github" + "_pat_11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ0123456789",
    "glpat" + "-aBcDeFgHiJkLmNoPqRsT",
    "glft" + "-aBcDeFgHiJkLmNoPqRsT",
    "xoxb" + "-123456789012-aBcDeFgHiJkL",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "sandbox.1576503025546035200" + ".q0dL7aVd0y1mJrT3sZ8kQwXbNcEfUgHi",
    "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmNHl0w5N_XgL0n",
]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("text", ["{}", "a {}: b", "https://a.example/x/{}/y", "key={},", "'{}'"])
def test_tokens_of_known_forms_are_hidden(token: str, text: str) -> None:
    """Wherever they are, and together with what surrounds them."""
    assert redact(text.format(token)) == text.format("…")


@pytest.mark.parametrize(
    "text",
    [
        "https://ann:c4nary@a.example/x",
        "https://c4nary@a.example/x",
        "https://ann:c4nary@a.example:8443/x@y",
        "https://ann:pa/c4nary@a.example/x",
        "https://ann:p@c4nary@a.example/x",
        "ssh://ann:c4nary@a.example/x",
        "ann:c4nary@a.example/x",
        "ann:c4nary@a.example:x",
        "ann:pa/c4nary@a.example:x",
        "git:ann:c4nary@a.example:x",
        "https:/ann:c4nary@a.example/x",
        "https:ann:c4nary@a.example/x",
        "https//ann:c4nary@a.example/x",
        "read 'ann:c4nary@a.example/x' again",
        "https://a.example/x?token=c4nary",
        "https://a.example/x?a=b&api_key=c4nary&c=d",
        "https://a.example/x?apikey=c4nary",
        "https://a.example/x?access_token=c4nary",
        "https://a.example/x?auth=c4nary",
        "https://a.example/x?key=c4nary",
        "https://a.example/x?sig=c4nary",
        "https://a.example/x?X-Amz-Signature=c4nary",
        "https://a.example/x?feed[token]=c4nary",
        "https://a.example/x;token=c4nary",
        "https://a.example/x#access_token=c4nary",
        "https://a.example/x?a=b#id_token=c4nary&x=y",
        "https://discord.com/api/webhooks/123/c4nary",
        "https://discord.com/api/v10/webhooks/123/c4nary?wait=true",
        "https://hooks.slack.com/services/T0/B0/c4nary",
        "https://discord.com/api/v10/interactions/123/c4nary/callback",
        """{'id': '1', 'token': 'c4nary'}""",
        '{"access_token": "c4nary"}',
        "Authorization: Bearer c4nary",
        "{'authorization': 'Basic c4nary'}",
        "Authorization: c4nary",
        "a bearer c4nary-with-16-characters=",
    ],
)
def test_secret_parts_are_hidden(text: str) -> None:
    """Passwords, headers and parameters, also in addresses that are misspelt."""
    assert "c4nary" not in redact(text)
    assert "c4nary" not in redact_address(text)
    assert contains_secret(text)
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "text",
    [
        *("git@a.example:x/y.git", "ssh://git@a.example/x", "https://a.example:8443/@ada/feed"),
        *("https://a.example/?author=1&p=2&q=a:b", "https://[::1]:8080/@x", "Source x: 3 new"),
        *("https://a.example/feeds/0f8fad5b-d9cb-469f-a165-70867728950e.xml", "12:30:05 INFO"),
        *("https://a.example:/x@y", "a bearer of news", "SITE_TOKEN is not set", "ada@a.example"),
        *("the bot 123456789012345678 has", "https://averylongnameofahost.example.org/feed"),
        *("https://a.example/feed#top", "https://a.example/x:y@z", "_news/2026-11-23-a-b-c.md"),
    ],
)
def test_other_texts_stay(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://news.example/feed.xml", "https://news.example/feed.xml"),
        ("https://ann:pw@news.example/feed", "https://news.example/feed"),
        (
            "https://news.example/f?token=abc&format=rss#x",
            "https://news.example/f?token=…&format=…",
        ),
        ("https://news.example/f?abc", "https://news.example/f?…"),
        ("https://news.example/f#c4nary", "https://news.example/f#…"),
        ("https://news.example/f#top", "https://news.example/f#top"),
        ("https://news.example/@ada/f?p=@b", "https://news.example/@ada/f?p=…"),
        ("https://news.example/\x1b[31m", "https://news.example/_[31m"),
        ("secret@news.example/feed", "…@news.example/feed"),
        ("git@news.example:feed", "git@news.example:feed"),
    ],
)
def test_redacted_address_has_no_values(address: str, shown: str) -> None:
    """It is one line and contains the names of query parameters only. Sources are named by it."""
    assert redact_address(address) == shown


def test_long_address_is_shortened() -> None:
    assert len(redact_address("https://news.example/" + "a" * 5_000)) == MAX_REDACTED_LENGTH


@given(st.text(max_size=60) | st.text("a:@/?#=&;. token", max_size=60))
def test_redaction_is_complete_at_once(text: str) -> None:
    """What it leaves is not hidden later, and it never fails."""
    once = redact(text)
    assert redact(once) == once
    assert redact_address(text).isprintable()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("da39a3ee5e6b4b0d3255bfef95601890afd80709", True),
        ("aBcDeFgHiJkL0123mNoPqRsT", True),
        ("dGhpcyBpcyBhIHNlY3JldDEyMzQ1==", True),
        ("c4nary1234567890abcd", True),
        ("SITE_TOKEN_FOR_NEWS_2026", False),
        ("site_token_of_the_desk_1", False),
        ("12345678901234567890", False),
        ("var/storywire-production.db", False),
        ("storywire", False),
    ],
)
def test_random_texts_are_recognised(text: str, expected: bool) -> None:
    assert looks_random(text) == expected
