"""Commands and components in direct messages, and of people who installed the app for themselves.

There the bot may not be in the server, or there is no server.
"""

from collections.abc import Callable

import pytest

from bot.discordapp.messages import errors
from bot.sandbox import Permission
from bot.sandbox.interactions.interaction import InteractionType
from bot.sandbox.model.entities import Json, Message
from storage.open import open_store
from tests.discordapp.forged import command, text_option
from tests.discordapp.subscriptions.support import choose, components, problems
from tests.support.desk import Desk, button_id

SUBSCRIPTION = text_option("subscription", "1")
SUBSCRIPTIONS: dict[str, list[Json]] = {
    "access": [],
    "add": [text_option("topics", "Weather")],
    "edit": [SUBSCRIPTION],
    "export": [],
    "list": [],
    "pause": [SUBSCRIPTION],
    "preview": [SUBSCRIPTION],
    "remove": [SUBSCRIPTION],
    "resume": [SUBSCRIPTION],
    "status": [],
    "why": [text_option("story", "one")],
}
NEWS: dict[str, list[Json]] = {
    "latest": [],
    "top": [],
    "trending": [],
    "topic": [text_option("topic", "AI")],
    "search": [text_option("query", "one story")],
    "story": [text_option("story", "one")],
    "topics": [],
}


def in_another_server(_name: str, frame: Json) -> Json:
    """The app was installed by the person, in a server that the bot is not in."""
    data = frame["d"]
    data["guild_id"] = "123456789012345678"
    data["guild"] = {"id": data["guild_id"], "locale": "en-US", "features": []}
    data["authorizing_integration_owners"] = {"1": data["member"]["user"]["id"]}
    data["channel"] |= {"id": "223456789012345678", "guild_id": data["guild_id"]}
    data["channel_id"] = data["channel"]["id"]
    return frame


def in_a_group(_name: str, frame: Json) -> Json:
    """The app was installed by the person, who uses it in a group's direct messages."""
    data = frame["d"]
    for key in ("guild_id", "guild", "guild_locale"):
        data.pop(key, None)
    member = data.pop("member", None)
    data["user"] = member["user"] if member else data["user"]
    data["context"] = 2
    data["authorizing_integration_owners"] = {"1": data["user"]["id"]}
    data["channel"] = {"id": "223456789012345678", "type": 3, "recipients": [], "name": "Friends"}
    data["channel_id"] = data["channel"]["id"]
    return frame


Context = Callable[[str, Json], Json]
ELSEWHERE = [(in_another_server, errors.NOT_IN_SERVER), (in_a_group, errors.SERVERS_ONLY)]


async def unchanged(desk: Desk) -> object:
    """What the commands could change."""
    async with open_store(desk.database) as store:
        return [
            await store.list_subscriptions(desk.channel().guild_id or 0),
            await store.access_roles(desk.channel().guild_id or 0),
        ]


async def ask(desk: Desk, path: str, options: list[Json], channel_id: int) -> Message:
    """Use a command anywhere, and wait for the answer."""
    data = command(desk, path, *options)
    used = await desk.sandbox.person("Ada").forge(channel_id, InteractionType.COMMAND, data)
    return await used.settled()


async def test_direct_messages_have_news_but_no_subscriptions(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """Every command has a sensible answer there."""
    desk.write("one")
    direct = desk.sandbox.world.direct_channel(desk.sandbox.world.find_user("Ada").id).id
    async with desk.bot():
        await desk.subscribe()
        before = await unchanged(desk)
        for name, options in SUBSCRIPTIONS.items():
            answer = await ask(desk, f"subscriptions {name}", options, direct)
            assert answer.content == errors.SERVERS_ONLY
            assert answer.ephemeral_for
        for name, options in NEWS.items():
            assert (await ask(desk, f"news {name}", options, direct)).embeds, name
        assert await unchanged(desk) == before
    assert [each.getMessage() for each in caplog.records if each.exc_info] == []


@pytest.mark.parametrize(("context", "refusal"), ELSEWHERE)
async def test_the_app_of_a_person_has_news_but_no_subscriptions(
    desk: Desk, caplog: pytest.LogCaptureFixture, context: Context, refusal: str
) -> None:
    """The bot can't post there, whatever permissions the person has."""
    desk.write("one")
    async with desk.bot():
        await desk.subscribe()
        await desk.sandbox.wait_until(lambda: desk.posts("news"))
        before, here = await unchanged(desk), desk.channel().id
        desk.sandbox.faults.spoil(context, "INTERACTION_CREATE", times=None)
        for name, options in SUBSCRIPTIONS.items():
            answer = await ask(desk, f"subscriptions {name}", options, here)
            assert answer.content == refusal, name
        for name, options in NEWS.items():
            assert (await ask(desk, f"news {name}", options, here)).embeds, name
        desk.sandbox.faults.clear()
        assert await unchanged(desk) == before
    assert [each.getMessage() for each in caplog.records if each.exc_info] == []


@pytest.mark.parametrize(("context", "refusal"), ELSEWHERE)
async def test_components_of_the_app_of_a_person_change_nothing(
    desk: Desk, caplog: pytest.LogCaptureFixture, context: Context, refusal: str
) -> None:
    """An editor's parts, Undo, a page and the button below a story."""
    desk.write("one")
    async with desk.bot():
        await desk.subscribe()
        await desk.sandbox.wait_until(lambda: desk.posts("news"))
        editor = await desk.ask("subscriptions add")
        before = await unchanged(desk)
        desk.sandbox.faults.spoil(context, "INTERACTION_CREATE", times=None)
        ada, here = desk.sandbox.person("Ada"), desk.channel().id
        for custom_id in ("subs:1:save", "subs:1:more", "subs:1:words", "subs:undo:1"):
            data = {"custom_id": custom_id, "component_type": 2}
            used = await ada.forge(here, InteractionType.COMPONENT, data, editor.id)
            assert (await used.settled()).content == refusal
        (post,) = desk.posts()
        pressed = await ada.press(post.id, button_id(post, "About this story"))
        assert "no longer available" in (await pressed.settled()).content
        desk.sandbox.faults.clear()
        assert await unchanged(desk) == before
    assert [each.getMessage() for each in caplog.records if each.exc_info] == []


async def _delete_role(desk: Desk, role_id: int) -> None:
    desk.sandbox.world.delete_role(desk.channel().guild_id or 0, role_id)


async def _delete_channel(desk: Desk, _: int) -> None:
    desk.sandbox.faults.delete_channel(desk.channel("ai").id)


async def _hide_channel(desk: Desk, _: int) -> None:
    desk.sandbox.faults.revoke(desk.channel("ai").id, Permission.VIEW_CHANNEL)


async def _silence_bot(desk: Desk, _: int) -> None:
    desk.sandbox.faults.revoke(desk.channel("ai").id, Permission.SEND_MESSAGES)


async def _remove_subscription(desk: Desk, _: int) -> None:
    await desk.ask("subscriptions remove", {"subscription": "1"})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_delete_role, "role no longer exists"),
        (_delete_channel, ""),
        (_hide_channel, "Grant me **View Channel**"),
        (_silence_bot, "Grant me **Send Messages**"),
        (_remove_subscription, "no longer exists"),
    ],
)
async def test_what_disappears_under_an_open_editor_is_named(
    desk: Desk,
    caplog: pytest.LogCaptureFixture,
    change: Callable[[Desk, int], object],
    words: str,
) -> None:
    """Save refuses, the other parts work on, and Cancel closes the editor."""
    world, guild_id = desk.sandbox.world, desk.channel().guild_id or 0
    role = world.add_role(guild_id, "Readers")
    async with desk.bot():
        added = await desk.ask(
            "subscriptions add", {"channel": desk.channel("ai").id, "mention": role.id}
        )
        assert added.content.startswith("Subscribed")
        editor = await desk.ask("subscriptions edit", {"subscription": "1"})
        await choose(desk, editor, "bar", "50")
        await change(desk, role.id)  # type: ignore[misc]  # each is a coroutine
        await desk.press(editor, "More…")
        saved = await desk.press(editor, "Save")
        assert saved.components, "the editor is closed"
        assert words in problems(saved)
        assert components(saved)["save"]
        cancelled = await desk.press(editor, "Cancel")
        assert cancelled.content == "Cancelled. Nothing was changed."
        for name in ("list", "status"):
            assert (await desk.ask(f"subscriptions {name}")).components == []
    assert [each.getMessage() for each in caplog.records if each.exc_info] == []
