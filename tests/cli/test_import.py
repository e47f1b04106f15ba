"""`storywire import` and `export`: files of other programs."""

import pytest

from bot.discordapp.subscriptions.file_format import read_entries
from storage.models import Rules, SubscriptionSpec
from storage.open import open_store
from tests.cli.support import Terminal, settings

MINE = """\
# my settings
sources:
  - folder: articles  # ours
  - feed: https://a.example/feed

announce: {max_age: 2d}  # short
"""
LIST = """\
<opml version="2.0"><body><outline text="Tech">
<outline text="A" xmlUrl="http://www.a.example/feed/"/>
<outline text="B" xmlUrl="https://b.example/feed?key=5ecret"/>
<outline text="C" xmlUrl="gopher://c.example"/>
</outline></body></opml>
"""


@pytest.fixture
def desk(terminal: Terminal) -> Terminal:
    """A terminal with settings and a list of feeds."""
    terminal.write("storywire.yaml", MINE)
    terminal.write("feeds.opml", LIST)
    return terminal


def written(terminal: Terminal) -> str:
    return (terminal.folder / "storywire.yaml").read_text(encoding="utf-8")


def test_feeds_of_a_list_are_added_to_the_settings(desk: Terminal) -> None:
    """The report has a line for each entry, and shows no secrets; a second run adds nothing."""
    first = desk.run("import", "opml", "feeds.opml")
    assert (first.status, first.err) == (0, "")
    assert first.out.splitlines() == [
        "already there   A (http://www.a.example/feed/)",
        "added           B (https://b.example/feed?key=…)",
        "not supported   C (gopher://c.example): feed does not begin with https:// or http://",
        "3 entries: 1 added, 1 already there, 1 not supported",
        "restart the bot to read new feeds; what they contain by then is not announced",
    ]
    after = written(desk)
    added = "  - feed: https://b.example/feed?key=5ecret\n    provider: B\n    topics: [Tech]\n"
    assert after == MINE.replace("\n\nannounce", f"\n{added}\nannounce")
    second = desk.run("import", "opml", "feeds.opml")
    assert second.out.splitlines()[-1] == "3 entries: 2 already there, 1 not supported"
    assert written(desk) == after


def test_a_dry_run_changes_nothing(desk: Terminal) -> None:
    result = desk.run("import", "opml", "--dry-run", "feeds.opml")
    assert (result.status, result.err) == (0, "")
    assert "would be added  B (" in result.out
    assert result.out.splitlines()[-1] == "nothing was changed (--dry-run)"
    assert written(desk) == MINE
    assert sorted(each.name for each in desk.folder.iterdir()) == ["feeds.opml", "storywire.yaml"]


def test_an_import_creates_the_settings_file(terminal: Terminal) -> None:
    """Two hundred feeds of a new operator are settings that `storywire check` accepts."""
    outlines = [
        f'<outline text="Feed {number}" xmlUrl="https://news{number}.example/feed"/>'
        for number in range(200)
    ]
    terminal.write("all.opml", f"<opml><body>{''.join(outlines)}</body></opml>")
    result = terminal.run("import", "opml", "all.opml")
    assert (result.status, result.err) == (0, "")
    assert "200 entries: 200 added" in result.out
    shown = terminal.run("sources").out
    assert all(f"feed:https://news{number}.example/feed " in shown for number in range(200))


def test_a_list_that_can_not_be_read_is_refused(desk: Terminal) -> None:
    desk.write("bad.opml", "<opml>\n<outline text='x'></opml>")
    complaint = desk.run("import", "opml", "bad.opml").complaint
    assert complaint == "bad.opml is not valid XML in line 2: mismatched tag"
    assert written(desk) == MINE


def test_settings_that_are_invalid_stay_as_they_are(desk: Terminal) -> None:
    """They are repaired first, as for any other command."""
    broken = settings(["articles"], "announce: {max_age: often}")
    desk.write("storywire.yaml", broken)
    assert "max_age" in desk.run("import", "opml", "feeds.opml").complaint
    assert written(desk) == broken


def test_sources_in_a_variable_are_not_added_to(desk: Terminal) -> None:
    """They override those in the file."""
    result = desk.run("import", "opml", "feeds.opml", STORYWIRE_SOURCES='[{"folder": "articles"}]')
    assert result.status == 1
    assert "STORYWIRE_SOURCES is set" in result.err
    assert "nothing was imported" in result.err
    assert written(desk) == MINE


def test_an_exported_list_gives_the_same_settings(terminal: Terminal) -> None:
    """What OPML can't contain is left out, and the export says so."""
    feeds = "  - feed: https://a.example/feed?key=5ecret\n    provider: Ä\n    topics: [AI]\n"
    terminal.write("storywire.yaml", f"sources:\n  - folder: articles\n{feeds}")
    exported = terminal.run("export", "opml")
    assert exported.status == 0
    assert exported.err == "storywire: 1 source is left out, since OPML has only feeds\n"
    terminal.write("feeds.opml", exported.out)
    terminal.write("other.yaml", "sources: []\n")
    assert terminal.run("import", "opml", "feeds.opml", "--config", "other.yaml").status == 0
    assert (terminal.folder / "other.yaml").read_text(encoding="utf-8") == f"sources:\n{feeds}"
    again = terminal.run("export", "opml", "--config", "other.yaml")
    assert (again.out, again.err) == (exported.out, "")


def test_an_export_says_that_private_addresses_stay_private(terminal: Terminal) -> None:
    terminal.write(
        "storywire.yaml", "sources:\n  - feed: http://10.0.0.1/feed\n    allow_private: true\n"
    )
    err = terminal.run("export", "opml").err
    assert err == "storywire: `allow_private` of 1 feed is left out; an import can't set it\n"


USER_FEED = """\
{"_id": {"$oid": "1"}, "title": "B", "url": "https://b.example/feed?key=5ecret", "connections":
 {"discordChannels": [{"details": {"channel": {"id": "12", "guildId": "34"}}},
  {"details": {"channel": {"id": "56", "guildId": "34"}},
   "filters": {"expression": {"op": "AND"}}}]}}
"""


def test_feeds_and_channels_of_monitorrss_are_added(desk: Terminal) -> None:
    """A dry run says what would be added, and creates no database; a second run adds nothing."""
    desk.write("userfeeds.json", USER_FEED)
    planned = desk.run("import", "monitorrss", "--dry-run", "userfeeds.json")
    assert planned.out.splitlines() == [
        "would be added  B (https://b.example/feed?key=…)",
        "would be added  B in channel 12 of server 34",
        "not supported   B in channel 56 of server 34: has filters; add it with"
        " `/subscriptions add`, which has `words` and `without_words`",
        "3 entries: 2 added, 1 not supported",
        "nothing was changed (--dry-run)",
    ]
    assert not (desk.folder / "var").exists()
    first = desk.run("import", "monitorrss", "userfeeds.json")
    assert (first.status, first.err) == (0, "")
    assert "    provider: B\n" in written(desk)
    again = desk.run("import", "monitorrss", "userfeeds.json")
    assert "3 entries: 2 already there, 1 not supported" in again.out


async def test_imported_subscriptions_begin_with_what_arrives_later(desk: Terminal) -> None:
    """It has the values of a new subscription, and no posts."""
    desk.write("userfeeds.json", USER_FEED)
    desk.run("import", "monitorrss", "userfeeds.json")
    async with open_store(desk.folder / "var" / "storywire.db") as store:
        (found,) = await store.list_subscriptions(34)
        assert found.spec == SubscriptionSpec(12, Rules(min_quality=70, providers=("B",)), 30)
        assert await store.count_posts() == {}


SUBSCRIPTIONS = """\
subscriptions:
- channel: news
  channel_id: 12
  topics: [AI]
  mode: daily
  at: 08:00
  timezone: Europe/Berlin
  mention: team
  mention_id: 78
  max_per_hour: null
- channel: other
- channel_id: 12
  topics: [ai]
- channel_id: 13
  not_in: [news]
- channel_id: 13
  not_in: [{channel: news, channel_id: 12}]
"""


async def test_exported_subscriptions_are_added_to_a_server(desk: Terminal) -> None:
    """A file from Discord is read by the same parser; names of channels are known only there."""
    desk.write("subscriptions.yaml", SUBSCRIPTIONS)
    arguments = ("import", "storywire", "subscriptions.yaml", "--server", "34")
    assert "would be added  subscription 1 in #news" in desk.run(*arguments, "--dry-run").out
    assert not (desk.folder / "var").exists()
    first = desk.run(*arguments)
    assert (first.status, first.err) == (0, "")
    assert first.out.splitlines() == [
        "added           subscription 1 in #news",
        "not supported   subscription 2 in #other: has no `channel_id`; import the file with"
        " `/subscriptions import`, which finds it by its name",
        "already there   subscription 3 in channel 12",
        "not supported   subscription 4 in channel 13: has a channel without `channel_id` in"
        " `not_in`; import the file with `/subscriptions import`, which finds it by its name",
        "added           subscription 5 in channel 13",
        "5 entries: 2 added, 1 already there, 2 not supported",
    ]
    assert "5 entries: 3 already there, 2 not supported" in desk.run(*arguments).out
    async with open_store(desk.folder / "var" / "storywire.db") as store:
        found, rest = await store.list_subscriptions(34)
        assert rest.spec.rules.not_in == (12,)
        assert await store.count_posts() == {}
    default = SubscriptionSpec(12, Rules(min_quality=70), 30)
    entry, *_ = read_entries(SUBSCRIPTIONS.encode())
    assert found.spec == entry.to_spec(default, 78)


def test_a_file_of_subscriptions_with_an_error_is_refused(desk: Terminal) -> None:
    """The message names entry and field; a server is needed, since the file has none."""
    desk.write("bad.yaml", "subscriptions:\n- channel_id: 12\n  min_quality: many\n")
    refused = desk.run("import", "storywire", "bad.yaml", "--server", "34")
    assert refused.status == 1
    assert refused.err.splitlines() == [
        "storywire: bad.yaml can't be imported: Nothing was added. Fix this first:",
        "storywire: • Entry 1, `min_quality`: Use a whole number.",
    ]
    desk.write("empty.yaml", "")
    empty = desk.run("import", "storywire", "empty.yaml", "--server", "34").complaint
    assert "like a file from /subscriptions export" in empty
    assert desk.run("import", "storywire", "bad.yaml").status == 2
    assert not (desk.folder / "var").exists()


def test_the_limits_of_a_server_apply_to_a_file(desk: Terminal) -> None:
    entries = "".join(f"- channel_id: {channel}\n" for channel in range(1, 31))
    desk.write("many.yaml", f"subscriptions:\n{entries}")
    result = desk.run("import", "storywire", "many.yaml", "--server", "34")
    assert "30 entries: 25 added, 5 not supported" in result.out
    assert "more than 25 channels (`subscriptions.max_channels`)" in result.out
