"""A server's subscriptions as a file."""

import re
from datetime import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp.messages.command_names import command
from bot.discordapp.subscriptions.file_format import export, read_entries
from bot.discordapp.subscriptions.options import OPTIONS
from bot.discordapp.subscriptions.upload_parser import MAX_FILE, FileRefusedError
from storage.models import (
    DeliveryOptions,
    Digest,
    DigestDays,
    Fact,
    Kind,
    QuietHours,
    Rules,
    Style,
    Subscription,
    SubscriptionSpec,
)
from tests.discordapp.subscriptions.strategies import deliveries, wanted_rules
from tests.discordapp.subscriptions.support import BOMBS
from tests.support.clock import START

DEFAULT = SubscriptionSpec(4, Rules(min_quality=70), 30)
NEEDS = (
    f"It needs a list under `subscriptions:`, like a file from {command('subscriptions export')}."
)
KEYS = [*(option.name for option in OPTIONS), "channel", "channel_id", "mention_id"]
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.dates()
    | st.text("xy", max_size=120),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("xy"), inner, max_size=2),
    max_leaves=4,
)
# Words of pydantic and of libyaml.
FOREIGN = re.compile(
    "Input should|should have|Value error|unable to|did not find|found |not allowed|while (?:pa|sc)"
)


def make(rules: Rules, delivery: DeliveryOptions, max_per_hour: int | None = 30) -> Subscription:
    return Subscription(1, 10, 30, START, SubscriptionSpec(20, rules, max_per_hour, delivery))


def written(subscription: Subscription) -> str:
    return export([subscription], lambda _: "news", lambda _: "Readers")


@given(wanted_rules, deliveries, st.none() | st.integers(1, 1000))
def test_an_exported_file_is_read_back(
    rules: Rules, delivery: DeliveryOptions, max_per_hour: int | None
) -> None:
    """Every field is the same, whatever the names contain."""
    (entry,) = read_entries(written(make(rules, delivery, max_per_hour)).encode())
    not_in = [each.channel_id or 0 for each in entry.not_in]
    second = entry.second_mention_id
    assert entry.to_spec(
        DEFAULT, entry.mention_id, not_in, second_role_id=second
    ) == SubscriptionSpec(DEFAULT.channel_id, rules, max_per_hour, delivery)
    assert (entry.channel, entry.channel_id) == ("news", 20)
    assert entry.mention == (delivery.mention and "Readers")
    assert entry.second_mention == (delivery.second_mention and "Readers")


def test_a_file_omits_defaults() -> None:
    """It looks as if a person wrote it."""
    rules = Rules(topics=("AI", "no"), min_quality=80, kinds=(Kind.VIDEO,))
    digest = Digest(DigestDays.WEEKLY, time(18, 30), 4, 5)
    delivery = DeliveryOptions("Europe/Berlin", digest, QuietHours(time(22), time(8)))
    assert written(make(rules, delivery)) == (
        "subscriptions:\n"
        "- channel: news\n"
        "  channel_id: 20\n"
        "  topics:\n  - AI\n  - 'no'\n"
        "  min_quality: 80\n"
        "  kinds:\n  - video\n"
        "  mode: weekly\n"
        "  at: '18:30'\n"
        "  weekday: Friday\n"
        "  best: 5\n"
        "  timezone: Europe/Berlin\n"
        "  quiet: 22:00-08:00\n"
        "  max_per_hour: 30\n"
    )


def test_tags_are_written_by_topic() -> None:
    """Names that differ in case only are the same topic."""
    text = (
        "subscriptions:\n- {channel: a, tags: {AI: Machines, ai: x, 2030: Later}, fallback_tag: O}"
    )
    (entry,) = read_entries(text.encode())
    delivery = entry.to_spec(DEFAULT, None).delivery
    assert delivery.tags == (("AI", "Machines"), ("2030", "Later"))
    assert delivery.fallback_tag == "O"


def test_channels_of_a_list_have_names_and_ids() -> None:
    """A deleted channel has no name any more."""
    spec = SubscriptionSpec(20, Rules(not_in=(21, 22)))
    text = export([Subscription(1, 10, 30, START, spec)], {20: "a", 21: "b"}.get, lambda _: None)
    assert "  not_in:\n  - channel: b\n    channel_id: 21\n  - channel_id: 22\n" in text


def test_a_hand_written_file_can_be_short() -> None:
    """Only a channel is required. One name needs no list, and 18:30 no quotes."""
    text = (
        "subscriptions:\n- {channel: '#news', topics: AI, at: 18:30, timezone: Berlin, not_in: ai}"
    )
    (entry,) = read_entries(text.encode())
    assert [each.channel for each in entry.not_in] == ["ai"]
    assert entry.to_spec(DEFAULT, None) == SubscriptionSpec(
        DEFAULT.channel_id,
        Rules(topics=("AI",), min_quality=70),
        30,
        DeliveryOptions("Europe/Berlin", Digest(DigestDays.DAILY, time(18, 30))),
    )


@pytest.mark.parametrize(
    ("entry", "style"),
    [
        ("colour: '#1F8b4c'", Style(colour=0x1F8B4C)),
        ("colour: 1f8b4c", Style(colour=0x1F8B4C)),
        ("colour: 123456", Style(colour=0x123456)),
        ("colour: Gold", Style(colour=0xF1C40F)),
        ("colour: none", Style()),
        ("facts: [time, quality, time]", Style(facts=(Fact.QUALITY, Fact.TIME))),
        ("facts: topics", Style(facts=(Fact.TOPICS,))),
        ("facts: none", Style(facts=())),
        ("facts: []", Style(facts=())),
        ("line: '{role} {title} '", Style(line="{role} {title}")),
        ("footer: ' For the  *club*\u200b '", Style(footer="For the *club*")),
    ],
)
def test_a_style_is_written_in_several_ways(entry: str, style: Style) -> None:
    (read,) = read_entries(f"subscriptions:\n- channel: a\n  {entry}\n".encode())
    assert read.to_spec(DEFAULT, None).delivery.style == style


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("{topics: [AI]}", "Entry 1: Add a `channel`."),
        ("{channel: a, min_quality: high}", "Entry 1, `min_quality`: Use a whole number."),
        (
            "{channel: a, min_quality: -1}",
            "Entry 1, `min_quality`: Use a number that is at least 0.",
        ),
        ("{channel: a, colour: reddish}", "Entry 1, `colour`: “reddish” isn't a known colour. Use"),
        ("{channel: a, colour: '#12345'}", "Entry 1, `colour`: “\\#12345” isn't a known colour."),
        (
            "{channel: a, line: '{titel}'}",
            "Entry 1, `line`: `{titel}` isn't a placeholder. Do you mean `{title}`?",
        ),
        ("{channel: a, line: '{title'}", "Entry 1, `line`: A brace has no partner."),
        ("{channel: a, line: {title}}", "Entry 1, `line`: Use text."),
        (f"{{channel: a, footer: {'x' * 101}}}", "Entry 1, `footer`: Use at most 100 characters."),
        ("{channel: a, facts: [colour]}", "Entry 1, `facts`: Use 'quality', 'topics' or 'time'."),
        ("{channel: a, tags: [AI]}", "Entry 1, `tags`: Use topics with their tags, like `AI: M"),
        ("{channel: a, tags: {AI: ''}}", "Entry 1, `tags`: “AI” isn't a topic and its tag."),
        ("{channel: a, wingspan: 3}", "Entry 1, `wingspan`: Unknown key. Compare it with a"),
        ("{channel: a, at: '25:00'}", "Entry 1, `at`: “25\\:00” isn't a valid time"),
        (
            "{channel: a, timezone: Atlantis}",
            "Entry 1, `timezone`: “Atlantis” isn't a known time zone",
        ),
        ("{channel: a, quiet: late}", "Entry 1, `quiet`: “late” isn't a valid time range"),
        ("{channel: a, weekday: Someday}", "Entry 1, `weekday`: “Someday” isn't a day"),
        ("{channel: a, mode: hourly}", "Entry 1, `mode`: Use 'instant'"),
        ("{channel: a, mode: instant, at: 9}", "Entry 1: Time, weekday and number of stories"),
        ("{channel: a, silent: maybe}", "Entry 1, `silent`: Use yes or no."),
        ("{channel: a, topics: {a: b}}", "Entry 1, `topics`: Use a list of names."),
        ("{channel: a, topics: [[a]]}", "Entry 1, `topics`: Use text."),
        ("{channel: a, not_in: [{}]}", "Entry 1, `not_in`: Add a `channel`."),
        ("{channel: a, not_in: [{channels: b}]}", "`not_in`: Unknown key. Did you mean `channel`?"),
        ("{channel: a, not_in: {a: b}}", "Entry 1, `not_in`: Use a list of names."),
        ("{channel: a, kinds: [song]}", "Entry 1, `kinds`: Use 'article'"),
        (
            "{channel: a, max_per_hour: 0}",
            "Entry 1, `max_per_hour`: Use a number that is at least 1.",
        ),
        (f"{{channel_id: {'9' * 5000}}}", "Entry 1, `channel_id`: Use a smaller number."),
        ("{channel_id: ١٢٣}", "Entry 1, `channel_id`: Use a whole number."),
        (f"{{channel: a, best: {'9' * 5000}}}", "Entry 1, `best`: Use a smaller number."),
        ("{channel: a, topics: [" + "x, " * 20_000 + "]}", "Use at most 25 entries."),
        ("{channel: a, quiet: 22" + " " * 60_000 + "8}", "Use at most 60 characters."),
        ("{channel: a, at: '9" + " " * 60_000 + "x'}", "Use at most 60 characters."),
        ("{channel: a, weekday: " + "x" * 60_000 + "}", "Use at most 60 characters."),
        ("{channel: a, timezone: " + "x" * 60_000 + "}", "Use at most 100 characters."),
        ("just text", "Entry 1: Write it as `channel"),
        ("{channel: a, min_qualty: 5}", "`min_qualty`: Unknown key. Did you mean `min_quality`?"),
        ("{channel: a, Topics: b}", "Entry 1, `Topics`: Unknown key. Did you mean `topics`?"),
        ("{channel: a, kind: video}", "Entry 1, `kind`: Unknown key. Did you mean `kinds`?"),
        ("{channel: a, without_word: }", "Did you mean `without_words`?"),
    ],
)
def test_an_error_names_entry_and_field(entry: str, expected: str) -> None:
    """Nothing in the file is accepted."""
    with pytest.raises(FileRefusedError) as refused:
        read_entries(f"subscriptions:\n- {entry}\n- channel: b\n".encode())
    assert str(refused.value).startswith("Nothing was added. Fix this first:\n• ")
    assert expected in str(refused.value)
    assert len(str(refused.value).splitlines()) == 2


@given(st.dictionaries(st.sampled_from(KEYS), values, max_size=3))
def test_no_sentence_of_a_library_is_shown(entry: dict[str, object]) -> None:
    """Whatever is wrong with a value, the problem is described in our own words."""
    try:
        read_entries(yaml.safe_dump({"subscriptions": [{"channel": "a", **entry}]}).encode())
    except FileRefusedError as error:
        text = str(error)
        assert "Nothing was added." in text
        assert FOREIGN.search(text) is None


def test_reading_stops_after_eight_problems() -> None:
    """Nobody reads more of them, and a thousand invalid entries would take half a second."""
    with pytest.raises(FileRefusedError) as refused:
        read_entries(b"subscriptions:\n" + b"- {channel: a, best: 0}\n" * 900)
    heading, *problems, last = str(refused.value).splitlines()
    assert heading == "Nothing was added. Fix this first:"
    assert [problem.split(",")[0] for problem in problems] == [f"• Entry {n}" for n in range(1, 9)]
    assert last == "… and more"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", f"That file is empty. {NEEDS}"),
        (b"# nothing yet\n---\n", f"That file is empty. {NEEDS}"),
        (b"subscriptions: nothing\n", f"That file isn't a list of subscriptions. {NEEDS}"),
        (b"others: []\n", f"That file isn't a list of subscriptions. {NEEDS}"),
        (b"- a\n", f"That file isn't a list of subscriptions. {NEEDS}"),
        (
            b"subscriptions: [&a x, &a y]\n",
            "(line 1): it has an anchor (&name) twice",
        ),
        (b"subscriptions: [{&a x: y}]\n", "(line 1): it has a key with an anchor (&name)"),
        (b"subscriptions: []\n---\nsubscriptions: []\n", "(line 2): it has more than one docum"),
        (b"subscriptions: []\n...\nsubscriptions: []\n", "(line 3): it has more than one docum"),
        (b"...\nsubscriptions: []\n", "(line 2): it has more than one document"),
        (b"# News\nsubscriptions: []\nsubscriptions: []\n", "(line 3): it sets `subscriptions` t"),
        (b"subscriptions:\n- channel: a\n  channel: b\n", "(line 3): it sets `channel` twice"),
        (b"---\nsubscriptions:\n- channel: a\n  'channel': b\n", "(line 4): it sets `channel` t"),
        (b"subscriptions:\n- channel: a\n  channel: a\n", "(line 3): it sets `channel` twice"),
        (b"subscriptions:\n- {<<: {channel: a}}\n", "merge key"),
        (b"subscriptions:\n- {[channel]: a}\n", "a key that is not text"),
        (b"subscriptions: [{channel: a, **@everyone**: b, **@everyone**: c}]\n", "(line 1)"),
        (b"subscriptions:\n- channel: 'a\n", "(line 2): it isn't valid YAML; a quote or bracket"),
        (b"subscriptions:\n- channel: a: b\n", "(line 2): it isn't valid YAML; quote text that"),
        (b"subscriptions:\n- channel: a\n x: b\n", "YAML; compare the indentation, colons and"),
        (b"subscriptions: [\xff]\n", "not UTF-8"),
        (b"subscriptions: !!python/object/apply:os.system [ls]\n", "YAML tag"),
        (b"x" * (MAX_FILE + 1), "too large. The limit is 64 KB."),
        *((bomb, "it") for bomb in BOMBS),
    ],
)
def test_an_unreadable_file_is_refused(content: bytes, expected: str) -> None:
    """The error is a short message, even for a file that is made to cause harm."""
    with pytest.raises(FileRefusedError) as refused:
        read_entries(content)
    assert expected in str(refused.value)
    assert "front matter" not in str(refused.value)
    assert len(str(refused.value)) < 1900


def test_a_file_may_begin_with_a_line_of_dashes() -> None:
    """Many YAML files do. Other lines of dashes must be part of a text."""
    for text in (b"---\n", b"\xef\xbb\xbf--- \r\n", b"# Ours\n---\n"):
        (entry,) = read_entries(text + b"subscriptions:\n- channel: news\n  topics: '---'\n")
        assert (entry.channel, entry.options) == ("news", {"topics": ("---",)})


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda t: t.encode("utf-8", "ignore")))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    """They are read or refused."""
    for each in (content, b"subscriptions:\n- channel: " + content):
        try:
            read_entries(each)
        except FileRefusedError as error:
            assert FOREIGN.search(str(error)) is None  # noqa: PT017 - either way is right


def test_the_documented_file_is_read() -> None:
    """Every field of the example in docs/subscriptions.md is an option of the command."""
    page = (Path(__file__).parents[3] / "docs" / "subscriptions.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(subscriptions:.*?)```", page, re.DOTALL)
    weekly, hourly = read_entries(example.encode())
    assert weekly.to_spec(DEFAULT, None).delivery.digest == Digest(
        DigestDays.WEEKLY, time(18, 30), 4, 5
    )
    assert hourly.to_spec(DEFAULT, None).max_per_hour is None
    options = {option.name for option in OPTIONS} - {"catch_up"}
    ids = {"channel_id", "mention_id", "second_mention_id"}
    assert set(type(weekly).model_fields) == options | ids
