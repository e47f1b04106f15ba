"""The settings of feeds, APIs and topics."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.config.settings import load_settings
from bot.config.sources import ApiSettings, FeedSettings
from bot.errors import SettingsError
from bot.ingest.factory import topic_rules
from bot.ingest.topics import TopicRule, TopicRules


def write(folder: Path, text: str) -> Path:
    path = folder / "storywire.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_feed_and_an_api_need_only_an_address(tmp_path: Path) -> None:
    """They are polled every 15 minutes, and their items have a quality that is posted."""
    text = "sources: [{feed: 'https://a.example/f'}, {api: 'http://a.example/x', pages: '/{page}'}]"
    feed, api = load_settings(write(tmp_path, text)).sources
    assert isinstance(feed, FeedSettings)
    assert isinstance(api, ApiSettings)
    assert (feed.name, api.name) == ("feed:https://a.example/f", "api:http://a.example/x")
    assert {(each.every, each.quality, each.allow_private) for each in (feed, api)} == {
        (timedelta(minutes=15), 70, False)
    }


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("feed: news.example/feed", "feed of entry 1 of sources .*does not begin with https://"),
        ("feed: file:///etc/passwd", "does not begin with https://"),
        ("feed: https://me:secret@a.example/", "contains a user name or password"),
        ("api: ftp://a.example/", "api of entry 1 of sources .*does not begin with https://"),
        (
            "feed: https://a.example/, include: ['*']",
            "include .* is not a setting of `feed`",
        ),
        (
            "feed: https://a.example/, base_url: https://a.example/",
            "base_url .* is not a setting of `feed`",
        ),
        ("feed: https://a.example/, every: 0s", "between 1s and 52w"),
        (f"feed: https://a.example/, every: {'9' * 5000}s", "the duration is too long"),
        ("api: https://a.example/, pages: https://a.example/2", r"\{page\}"),
        ("feed: https://a.example/, time_zone: CEST", "time_zone .*write it like Europe/Berlin"),
        ("api: https://a.example/, time_zone: ../UTC", "time_zone .*write it like Europe/Berlin"),
        ("folder: a, allow_private: true", "allow_private .* is not a setting of `folder`"),
    ],
)
def test_a_mistake_names_its_key(tmp_path: Path, source: str, words: str) -> None:
    """The line contains no password."""
    with pytest.raises(SettingsError, match=words) as caught:
        load_settings(write(tmp_path, f"sources: [{{{source}}}]"))
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_topic_rules_come_from_settings_and_folders(tmp_path: Path) -> None:
    """The rules in the settings come first."""
    folder = tmp_path / "topics"
    folder.mkdir()
    (folder / "law.yaml").write_text("name: Law\nkeywords: [court]\n")
    text = f"topics: {{rules: [{{name: AI, hashtags: [ai]}}], folders: ['{folder}']}}"
    settings = load_settings(write(tmp_path, text))
    assert topic_rules(settings.topics) == TopicRules(
        [TopicRule("AI", hashtags=("ai",)), TopicRule("Law", ("court",))]
    )


def test_source_names_are_unique_without_secrets() -> None:
    """Two feeds that differ only in their tokens are two sources."""
    first, second = (
        FeedSettings(feed=f"https://news.example/f?token={secret}").name
        for secret in ("hunter2", "swordfish")
    )
    assert first != second
    assert "hunter2" not in first
    assert first.startswith("feed:https://news.example/f?token=…")
    assert FeedSettings(feed="https://news.example/f").name == "feed:https://news.example/f"
