"""Reading backups and exports of MonitoRSS, and what becomes of them."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.sources import FeedSettings, ProviderSettings
from bot.errors import ImportFileError
from bot.switching.feeds import Outcome
from bot.switching.monitorrss import MAX_FILE, ConnectedFeed, Connection, read_monitorrss
from bot.switching.subscriptions import Plan, Terms, plan_import
from storage.models import DeliveryOptions, Mention, Rules, Subscription, SubscriptionSpec

SERVER, CHANNEL, ROLE = 111111111111111111, 222222222222222222, 333333333333333333
TERMS = Terms(max_per_server=50, max_channels=25, min_quality=70, max_per_hour=30)


def user_feed(number: int = 1, *connections: object, **more: object) -> dict[str, Any]:
    """A document of the collection `userfeeds`, as `mongoexport` writes it."""
    return {
        "_id": {"$oid": f"65a0{number:020}"},
        "title": f"Feed {number}",
        "url": f"https://news{number}.example/feed",
        "healthStatus": "OK",
        "connections": {"discordChannels": list(connections or [connection()])},
        "user": {"discordUserId": "444444444444444444"},
        "createdAt": {"$date": "2026-01-01T00:00:00Z"},
        **more,
    }


def connection(channel: int = CHANNEL, **more: object) -> dict[str, Any]:
    details = {
        "embeds": [],
        "channel": {"id": str(channel), "guildId": str(SERVER)},
        "formatter": {"formatTables": False},
    }
    return {"id": {"$oid": "1"}, "name": "c", "details": details, **more}


def backup(*feeds: object, **more: object) -> bytes:
    """A backup of a server, as the website wrote it."""
    profile = {"_id": str(SERVER), "locale": "en"}
    lists = {"subscribers": [], "filteredFormats": [], "backupVersion": "1"}
    return json.dumps({"profile": profile, "feeds": feeds, **lists, **more}).encode()


def backup_feed(number: int = 1, **more: object) -> dict[str, Any]:
    return {
        "_id": f"5e0{number:021}",
        "title": f"Feed {number}",
        "url": f"https://news{number}.example/feed",
        "guild": str(SERVER),
        "channel": str(CHANNEL),
        "embeds": [],
        "addedAt": "2020-01-05T00:00:00.000Z",
        **more,
    }


def read(*feeds: Mapping[str, object]) -> Sequence[ConnectedFeed]:
    return read_monitorrss(json.dumps(feeds).encode())


def plan(
    feeds: Sequence[ConnectedFeed], *sources: FeedSettings, terms: Terms = TERMS, **subscribed: int
) -> Plan:
    """Plan an import into a server with subscriptions to these providers in these channels."""
    existing = [
        Subscription(number, SERVER, 1, datetime(2026, 1, 1, tzinfo=UTC), spec(channel, provider))
        for number, (provider, channel) in enumerate(subscribed.items())
    ]
    return plan_import(feeds, sources, {SERVER: existing}, terms)


def spec(
    channel: int, *providers: str, limit: int = 30, role: int | None = None
) -> SubscriptionSpec:
    delivery = DeliveryOptions(mention=None if role is None else Mention(role, 0))
    return SubscriptionSpec(channel, Rules(min_quality=70, providers=providers), limit, delivery)


FORMS = {
    "array": json.dumps([user_feed(1), user_feed(2)]),
    "lines": "\n".join(map(json.dumps, [user_feed(1), user_feed(2)])) + "\n",
    "backup": backup(backup_feed(1), backup_feed(2)).decode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_both_formats_have_feeds_and_channels(form: str) -> None:
    """The export is an array, or has an object per line."""
    feeds = read_monitorrss(FORMS[form].encode())
    assert [(each.feed.settings, each.connections) for each in feeds] == [
        (
            {"feed": f"https://news{number}.example/feed", "provider": f"Feed {number}"},
            (Connection(SERVER, CHANNEL),),
        )
        for number in (1, 2)
    ]


def test_a_single_exported_feed_is_read() -> None:
    (found,) = read_monitorrss(json.dumps(user_feed()).encode())
    assert found.feed.settings["provider"] == "Feed 1"


def test_a_connection_keeps_its_mention_and_its_limit() -> None:
    """What a subscription can't have is named; a token of a webhook is nowhere."""
    details = {
        "content": "{{title}}",
        "webhook": {"id": "5", "token": "s3cret", "guildId": str(SERVER), "channelId": "9"},
    }
    (found,) = read(
        user_feed(
            1,
            connection(
                details=details,
                mentions={
                    "targets": [{"id": str(ROLE), "type": "role"}, {"id": "7", "type": "user"}]
                },
                rateLimits=[
                    {"timeWindowSeconds": {"$numberInt": "3600"}, "limit": 5},
                    {"timeWindowSeconds": 86400, "limit": 9},
                ],
            ),
            userRefreshRateSeconds=600,
            blockingComparisons=["title"],
        )
    )
    assert found.feed.settings["every"] == "600s"
    assert found.feed.notes == ("without its comparisons",)
    assert found.connections == (
        Connection(
            SERVER,
            9,
            (ROLE,),
            5,
            notes=(
                "without the name of its webhook, the format of its messages, further mentions,"
                " limits that are not per hour",
            ),
        ),
    )
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("roles", "left_out"), [(1, ""), (2, ""), (3, ", further mentions"), (0, "")]
)
def test_a_backup_keeps_two_mentioned_roles(roles: int, left_out: str) -> None:
    feed = backup_feed(text="{title}")
    subscribers = [
        {"feed": feed["_id"], "id": str(ROLE + number), "type": "role"} for number in range(roles)
    ]
    found = read_monitorrss(backup(feed, subscribers=[*subscribers, "?"]))
    kept = (ROLE, ROLE + 1)[:roles]
    assert found[0].connections[0].role_ids == kept
    assert found[0].connections[0].notes == (f"without the format of its messages{left_out}",)
    ((_, spec),) = plan(found).subscriptions
    assert spec.delivery.mentions == tuple(map(Mention, kept))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"filters": {"expression": {"type": "LOGICAL"}}}, "has filters"),
        ({"disabledCode": "MANUAL"}, "is disabled (MANUAL)"),
        (
            {"details": {"channel": {"id": "1", "guildId": "2", "type": "forum"}}},
            "makes a thread for each article",
        ),
    ],
)
def test_a_channel_that_can_not_be_subscribed_has_a_reason(
    changes: dict[str, Any], problem: str
) -> None:
    (found,) = read(user_feed(1, {**connection(), **changes}))
    assert found.connections[0].problem is not None
    results = plan([found]).results
    assert [each.outcome for each in results] == [Outcome.ADDED, Outcome.UNSUPPORTED]
    assert results[1].notes[0].startswith(problem)


@pytest.mark.parametrize(
    ("feed", "problem"),
    [
        (user_feed(disabledCode="FAILED_REQUESTS"), "is disabled (FAILED_REQUESTS)"),
        (user_feed(url="javascript:1"), "feed does not begin with https:// or http://"),
        (user_feed(1, connection(details={"channel": {"id": "x"}})), "has no valid `connections"),
        ({"title": "T"}, "has no valid `url`"),
    ],
)
def test_a_feed_that_can_not_be_read_has_a_reason(feed: dict[str, Any], problem: str) -> None:
    """The others are read."""
    bad, good = read(feed, user_feed(2))
    assert bad.feed.problem is not None
    assert bad.feed.problem.startswith(problem)
    assert good.feed.problem is None
    assert [each.outcome for each in plan([bad, good]).results] == [
        Outcome.UNSUPPORTED,
        Outcome.ADDED,
        Outcome.ADDED,
    ]


def test_feeds_of_a_channel_share_subscriptions() -> None:
    """A subscription has at most 25 providers."""
    made = plan(read(*(user_feed(number) for number in range(30)), user_feed(30, connection(9))))
    assert [
        (server, each.channel_id, len(each.rules.providers)) for server, each in made.subscriptions
    ] == [(SERVER, CHANNEL, 25), (SERVER, CHANNEL, 5), (SERVER, 9, 1)]
    assert {each.outcome for each in made.results} == {Outcome.ADDED}
    assert len(made.results) == 62


def test_every_source_gets_a_provider_of_its_own() -> None:
    """A channel gets what it had, and not another feed that has the same title."""
    feeds = read(
        user_feed(1, connection(1), title="News"),
        user_feed(2, connection(2), title="NEWS"),
        user_feed(3, connection(3), title=""),
    )
    made = plan(
        feeds, FeedSettings(feed="https://x.example/", provider=ProviderSettings(name="news"))
    )
    assert [each["provider"] for each in made.sources] == [
        "News (news1.example)",
        "NEWS (news2.example)",
        "news3.example",
    ]
    assert [each.rules.providers for _, each in made.subscriptions] == [
        ("News (news1.example)",),
        ("NEWS (news2.example)",),
        ("news3.example",),
    ]


def test_names_of_providers_are_short_enough_for_any_host() -> None:
    """Of equal titles at one long host, each gets a number."""
    host = ".".join(["a" * 60] * 3)
    feeds = [user_feed(n, title="News", url=f"https://{host}/{n}") for n in range(4)]
    made = plan(read(*feeds, user_feed(5, title="", url=f"https://{host}/5")))
    names = [str(each["provider"]) for each in made.sources]
    assert len({*names}) == 5
    assert max(map(len, names)) <= 100


def test_a_feed_in_two_channels_is_one_source() -> None:
    """A backup lists such a feed twice."""
    made = plan(read_monitorrss(backup(backup_feed(), backup_feed(channel="9", title="Other"))))
    assert len(made.sources) == 1
    assert [each for _, each in made.subscriptions] == [spec(CHANNEL, "Feed 1"), spec(9, "Feed 1")]
    outcomes = [each.outcome for each in made.results]
    assert outcomes == [Outcome.ADDED, Outcome.ADDED, Outcome.PRESENT, Outcome.ADDED]


def test_what_is_there_is_not_added_again() -> None:
    """A source that has no provider can't be subscribed to, and the report says what to do."""
    feeds = read(user_feed(1), user_feed(2))
    made = plan(
        feeds,
        FeedSettings(feed="https://news1.example/feed", provider=ProviderSettings(name="One")),
        FeedSettings(feed="https://news2.example/feed"),
        one=CHANNEL,
    )
    assert [each.outcome for each in made.results] == [
        Outcome.PRESENT,
        Outcome.PRESENT,
        Outcome.PRESENT,
        Outcome.UNSUPPORTED,
    ]
    assert "add one in the settings" in made.results[-1].notes[0]
    assert (made.sources, made.subscriptions) == ([], [])


@pytest.mark.parametrize(
    ("terms", "added", "problem"),
    [
        (Terms(3, 9, 70, 30), 2, "more than 3 subscriptions"),
        (Terms(9, 2, 70, 30), 1, "in more than 2 channels"),
    ],
)
def test_the_limits_of_a_server_apply(terms: Terms, added: int, problem: str) -> None:
    """Those that exist count."""
    feeds = read(*(user_feed(number, connection(number + 1)) for number in range(5)))
    made = plan(feeds, terms=terms, other=CHANNEL)
    assert len(made.subscriptions) == added
    refused = [each for each in made.results if each.outcome is Outcome.UNSUPPORTED]
    assert len(refused) == 5 - added
    assert problem in refused[0].notes[0]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is not valid JSON in line 1"),
        (b"[1,\n}", "is not valid JSON in line 2"),
        (b"3", "is not JSON that MonitoRSS writes"),
        (b"[" * 200_000, "is not JSON that MonitoRSS writes"),
        (b"[" + b"9" * 5000 + b"]", "is not JSON that MonitoRSS writes"),
        (b"{}", "is not a backup of MonitoRSS"),
        (b"\x16\x00\x00\x00\x02\xff", "is not UTF-8 text"),
        (b" " * (MAX_FILE + 1), "is larger than 20 MB"),
    ],
)
def test_a_file_that_is_something_else_is_refused(content: bytes, problem: str) -> None:
    with pytest.raises(ImportFileError, match=problem):
        read_monitorrss(content)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["url", "title", "feeds", "guild", "channel", "connections", "details"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(_JSON, st.sampled_from(sorted(user_feed())), st.sampled_from(sorted(backup_feed())))
def test_any_json_is_read_or_refused(value: object, field: str, backup_key: str) -> None:
    for content in (
        json.dumps(value).encode(),
        json.dumps([{**user_feed(), field: value}]).encode(),
        backup({**backup_feed(), backup_key: value}),
        backup(backup_feed(), subscribers=value, filteredFormats=value),
    ):
        with suppress(ImportFileError):
            plan(read_monitorrss(content))
