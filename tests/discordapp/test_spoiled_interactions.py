"""Interactions with data that no client sends, and answers to them that don't arrive.

Each is one line of the log at most, and nothing else is affected.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from bot.discordapp import client
from bot.discordapp.messages import errors
from bot.discordapp.subscriptions.editor.state import from_json
from bot.sandbox import Reset, Status
from bot.sandbox.interactions.interaction import InteractionType
from bot.sandbox.model.entities import Json
from storage.open import open_store
from tests.discordapp.forged import Start, command, kinds, text_option
from tests.discordapp.subscriptions.support import components, problems, yaml_file
from tests.support.desk import Desk, button_id

CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
FOLLOW_UP = "POST /webhooks/{webhook_id}/{webhook_token}"


def _has_more(desk: Desk, seen: int) -> bool:
    return len(desk.sandbox.requests) > seen


FAULTS = [Reset(), Reset(after_commit=False), Status(500), Status(404), Status(403), Status(200)]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
async def test_a_failed_answer_is_one_line(
    desk: Desk, caplog: pytest.LogCaptureFixture, fault: Reset | Status
) -> None:
    """A broken connection is handled like an error of Discord, and the next answer arrives."""
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        ada, channel_id = desk.sandbox.person("Ada"), desk.channel().id
        await desk.press(editor, "More…")
        starts: list[Start] = [
            *(await kinds(desk, editor)).values(),
            lambda: ada.command(channel_id, "news latest"),
            lambda: ada.command(channel_id, "subscriptions status"),
            lambda: ada.press(editor.id, button_id(editor, "Schedule…")),
            lambda: ada.press(editor.id, button_id(editor, "Back")),
        ]
        for start in starts:
            caplog.clear()
            cancel = desk.sandbox.faults.plan(fault, route=CALLBACK, times=None)
            seen = len(desk.sandbox.requests)
            await start()
            await desk.sandbox.wait_until(partial(_has_more, desk, seen))
            cancel()
            assert (await desk.ask("news topics")).content
            assert [each.getMessage() for each in caplog.records if each.exc_info] == []
            assert len(caplog.messages) <= 2


@pytest.mark.parametrize("fault", [Reset(), Status(500), Status(404)], ids=str)
async def test_a_failed_deferred_answer_is_one_line(
    desk: Desk,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    fault: Reset | Status,
) -> None:
    """The import of a file answers in a second step if it takes long."""
    monkeypatch.setattr(client, "DEFER_AFTER", 0.0)
    desk.sandbox.faults.plan(fault, route=FOLLOW_UP, times=None)
    async with desk.bot():
        ada = desk.sandbox.person("Ada")
        file = yaml_file("subscriptions: [{channel: news}]")
        used = await ada.command(desk.channel().id, "subscriptions import", {"file": file})
        await used.answered()
        await desk.sandbox.wait_for_request(lambda each: each.path.startswith("/webhooks/"))
        desk.sandbox.faults.clear()
        asked = await ada.command(desk.channel().id, "subscriptions list")
        assert (await asked.settled()).content
    assert [each.getMessage() for each in caplog.records if each.exc_info] == []


@pytest.mark.parametrize(
    "change",
    [
        lambda _name, _body: {},
        lambda _name, _body: [],
        lambda _name, _body: b"{",
        lambda _name, body: body | {"resource": {"type": 4, "message": {"id": "x"}}},
        lambda _name, body: body | {"interaction": None},
    ],
)
async def test_unreadable_answers_to_a_response_lose_nothing(
    desk: Desk, caplog: pytest.LogCaptureFixture, change: Callable[..., object]
) -> None:
    """The response was sent. The editor and the command do what they did."""
    desk.sandbox.faults.spoil(change, CALLBACK, times=None)
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        saved = await desk.press(editor, "Save")
        assert saved.content.startswith("Subscribed")
        assert "all topics" in (await desk.ask("subscriptions list")).content
    assert [each.getMessage() for each in caplog.records if each.exc_info] == []


HUGE_ID = "9" * 5_000
# Each with the name of the option that is refused.
IMPOSSIBLE: list[tuple[str, list[Json]]] = [
    ("mode", [text_option("mode", "hourly")]),
    ("mode", [text_option("mode", "weekly"), text_option("weekday", 99, 4)]),
    ("weekday", [text_option("weekday", -1, 4)]),
    ("best", [text_option("best", 10**9, 4), text_option("mode", "daily")]),
    ("best", [text_option("best", "3", 4), text_option("mode", "daily")]),
    ("best", [text_option("best", True, 4), text_option("mode", "daily")]),
    ("min_quality", [text_option("min_quality", -5, 4)]),
    ("min_quality", [text_option("min_quality", 10**30, 4)]),
    ("max_per_hour", [text_option("max_per_hour", 0, 4)]),
    ("catch_up", [text_option("catch_up", 21, 4)]),
    ("timezone", [text_option("timezone", "Mars/Olympus")]),
    ("timezone", [text_option("timezone", "x" * 5_000)]),
    ("timezone", [text_option("timezone", "Europe/Ber\x00lin")]),
    ("timezone", [text_option("timezone", "../../etc/passwd")]),
    ("topics", [text_option("topics", "\ud800")]),
    ("topics", [text_option("topics", "a\x00b")]),
    ("topics", [text_option("topics", "x" * 1_001)]),
    ("topics", [text_option("topics", ",".join(map(str, range(26))))]),
    ("words", [text_option("words", "x" * 101)]),
    ("at", [text_option("at", "25:00")]),
    ("at", [text_option("at", "\ud800")]),
    ("quiet", [text_option("quiet", "22:00-22:00")]),
    ("kind", [text_option("kind", "podcast")]),
    ("silent", [text_option("silent", "yes", 5)]),
    ("channel", [text_option("channel", "123", 7)]),
    ("channel", [text_option("channel", HUGE_ID, 7)]),
    ("mention", [text_option("mention", "123", 8)]),
    ("mention", [text_option("mention", HUGE_ID, 8)]),
]


async def test_impossible_values_are_refused_with_a_text(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """Discord checks what members enter; a client or a fault may send anything nevertheless."""
    ada, channel_id = desk.sandbox.person("Ada"), desk.channel().id
    async with desk.bot():
        for name, options in IMPOSSIBLE:
            used = await ada.forge(
                channel_id, InteractionType.COMMAND, command(desk, "subscriptions add", *options)
            )
            answer = await used.settled()
            assert answer.ephemeral_for, name
            assert answer.content, name
            assert not answer.content.startswith("Subscribed"), name
            assert errors.INTERNAL not in answer.content, name
        assert "No subscriptions yet" in (await desk.ask("subscriptions list")).content
        async with open_store(desk.database) as store:
            assert await store.list_subscriptions(desk.channel().guild_id or 0) == []
    assert [each.getMessage() for each in caplog.records if each.exc_info] == []


NEWS: list[tuple[str, list[Json]]] = [
    ("news top", [text_option("period", "century")]),
    ("news top", [text_option("period", 5, 4)]),
    ("news search", [text_option("query", "moon"), text_option("since", "\ud800")]),
    ("news search", [text_option("query", "\ud800")]),
    ("news search", [text_option("query", "moon\x00")]),
    ("news search", [text_option("query", "x" * 5_000)]),
    ("news search", []),
    ("news latest", [text_option("min_quality", 10**40, 4)]),
    ("news latest", [text_option("topic", 7)]),
    ("news story", [text_option("story", HUGE_ID)]),
    ("news random", []),
]


async def test_impossible_values_of_news_are_refused(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """So are commands that this version does not have."""
    max_, channel_id = desk.sandbox.person("Max"), desk.channel().id
    async with desk.bot():
        for path, options in NEWS:
            used = await max_.forge(
                channel_id, InteractionType.COMMAND, command(desk, path, *options)
            )
            answer = await used.settled()
            assert answer.content, path
            assert answer.ephemeral_for, path
            assert errors.INTERNAL not in answer.content, path
    assert [each.getMessage() for each in caplog.records if each.exc_info] == []


async def test_a_completion_of_an_unknown_option_is_ignored(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """An earlier version may have had it."""
    ada, channel_id = desk.sandbox.person("Ada"), desk.channel().id
    async with desk.bot():
        for option in (
            text_option("colour", "a", focused=True),
            text_option("mode", "a", focused=True),
            text_option("topics", "a"),
            text_option("topics", "\ud800", focused=True),
            text_option("topics", 7, focused=True),
            text_option("topics", "a", 99, focused=True),
        ):
            data = command(desk, "subscriptions add", option)
            await ada.forge(channel_id, InteractionType.AUTOCOMPLETE, data)
        assert (await desk.ask("news topics")).content
    assert [each.getMessage() for each in caplog.records if each.exc_info] == []


CHOICES: list[tuple[str, Any]] = [
    ("channel", [HUGE_ID]),
    ("channel", ["123"]),
    ("channel", ["x"]),
    ("channel", []),
    ("channel", ["1", "2"]),
    ("topics", ["a\x00b"]),
    ("topics", ["\ud800"]),
    ("topics", ["x" * 101]),
    ("topics", ["Nothing"]),
    ("topics", [7]),
    ("topics", "x"),
    ("bar", ["-1"]),
    ("bar", [HUGE_ID]),
    ("bar", ["\N{FULLWIDTH DIGIT ONE}"]),
    ("bar", ["71"]),
    ("mode", ["weekly 99 09:00"]),
    ("mode", ["weekly 1 25:00"]),
    ("mode", ["hourly 1 09:00"]),
    ("mode", ["weekly"]),
    ("mention", ["123"]),
    ("mention", [HUGE_ID]),
    ("mention", ["0"]),
    ("second_mention", ["123"]),
    ("second_mention_bar", ["90"]),
    ("look", ["poster"]),
    ("look", ["card", "gallery"]),
    ("colour", ["#1f8b4c"]),
    ("facts", ["weather"]),
    ("kind", ["podcast"]),
    ("switches", ["unknown"]),
    ("nothing", ["x"]),
]


async def test_impossible_choices_of_an_editor_are_refused(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """The draft stays as it was."""
    ada, channel_id = desk.sandbox.person("Ada"), desk.channel().id
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        guild_id = desk.channel().guild_id or 0
        async with open_store(desk.database) as store:
            before = await store.get_draft(guild_id, 1)
            for field, values in CHOICES:
                data = {"custom_id": f"subs:1:{field}", "component_type": 3, "values": values}
                used = await ada.forge(channel_id, InteractionType.COMPONENT, data, editor.id)
                await used.answered()
                assert await store.get_draft(guild_id, 1) == before, field
                answer = used.original
                assert answer is not None
                assert answer.content or problems(answer), field
    assert [each.getMessage() for each in caplog.records if each.exc_info] == []


@pytest.mark.parametrize(
    ("custom_id", "answered"),
    [
        ("subs:1:save" + "x" * 200, False),
        (f"subs:{HUGE_ID}:save", False),
        ("colour:1", False),
        ("subs:1:colour", True),
        ("subs:undo:x", True),
        ("news:\ud800", True),
        ("story:1:" + "0" * 24, True),
        ("open:story", True),
        ("open:topic", True),
        ("open:story:1", False),
    ],
)
async def test_unknown_custom_ids_are_answered_or_ignored(
    desk: Desk, caplog: pytest.LogCaptureFixture, custom_id: str, *, answered: bool
) -> None:
    """A message of another version may have them."""
    ada, channel_id = desk.sandbox.person("Ada"), desk.channel().id
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        data: Json = {"custom_id": custom_id, "component_type": 2}
        pressed = await ada.forge(channel_id, InteractionType.COMPONENT, data, editor.id)
        data["components"] = [None, 7]
        submitted = await ada.forge(
            channel_id, InteractionType.MODAL, data, editor.id, trigger=pressed
        )
        for used in [pressed, submitted] if answered else []:
            assert (await used.settled()).ephemeral_for
        assert (await desk.ask("news topics")).content
    assert [each.getMessage() for each in caplog.records if each.exc_info] == []


async def test_a_form_with_impossible_texts_changes_nothing(desk: Desk) -> None:
    """Texts that can't be stored, that are too long, and of inputs that the form does not have."""
    ada, channel_id = desk.sandbox.person("Ada"), desk.channel().id
    guild_id = desk.channel().guild_id or 0
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        async with open_store(desk.database) as store:
            opened = await ada.press(editor.id, components(editor)["more"]["custom_id"])
            await opened.answered()
            before = from_json(await store.get_draft(guild_id, 1))
            assert before is not None
            for field, name, value in (
                ("words", "words", "a\x00b"),
                ("words", "words", "\ud800"),
                ("words", "words", "x" * 5_000),
                ("words", "words", "x" * 101),
                ("words", "min_heat", HUGE_ID),
                ("words", "colour", "red"),
                ("times", "timezone", "Mars/Olympus"),
                ("times", "max_per_hour", "0"),
                ("times", "quiet", "25:00-26:00"),
            ):
                part = {"type": 4, "id": 2, "custom_id": name, "value": value}
                data = {
                    "custom_id": f"subs:1:{field}",
                    "components": [{"type": 1, "id": 1, "components": [part]}],
                }
                used = await ada.forge(
                    channel_id, InteractionType.MODAL, data, editor.id, trigger=opened
                )
                await used.answered()
                after = from_json(await store.get_draft(guild_id, 1))
                assert after is not None
                assert after.spec == before.spec, name
