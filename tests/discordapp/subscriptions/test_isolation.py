"""Commands, autocompletion and components are for the admins of their own server only.

Each is tried as a plain member and as an admin of another server. The commands and components are
read from the command tree and the editor's fields, so that a new one can't be forgotten here.
"""

import copy
from typing import Any

import pytest

from bot.discordapp.subscriptions.editor.state import Field
from bot.sandbox import Permission
from bot.sandbox.interactions.interaction import InteractionType
from bot.sandbox.model.entities import ChannelType, Message
from storage.open import open_store
from tests.discordapp.subscriptions.support import (
    REFUSED,
    Elsewhere,
    attached,
    choose,
    components,
    elsewhere,
    fill,
    open_to_all,
    plant,
    yaml_file,
)
from tests.support.desk import Desk, button_id

SECRET = "Orchids"
CLOSED = "This editor is closed."

# Each command with options that would work in the first server, whose subscription has the id 1.
CASES: dict[str, dict[str, Any]] = {
    "access": {},
    "add": {"catch_up": 0, "topics": "Weather"},
    "edit": {"subscription": "1"},
    "export": {},
    "import": {"file": yaml_file("subscriptions:\n- {channel: news, topics: [Weather]}\n")},
    "list": {},
    "pause": {"subscription": "1"},
    "preview": {"subscription": "1"},
    "remove": {"subscription": "1"},
    "resume": {"subscription": "1"},
    "status": {},
    "why": {"story": "Story one"},
}


@pytest.fixture(autouse=True)
def _a_story(desk: Desk) -> None:
    """Write a story that is loaded before the first command."""
    desk.write("one", topic=SECRET)


def commands(desk: Desk) -> dict[str, dict[str, Any]]:
    """The subcommands that the bot registered with Discord."""
    (group,) = (each for each in desk.sandbox.world.commands if each["name"] == "subscriptions")
    return {each["name"]: each for each in group["options"]}


async def prepare(desk: Desk) -> tuple[Message, Message]:
    """Return an editor of a subscription at home, and the answer to the removal of another."""
    await desk.ask("subscriptions add", {"topics": SECRET, "mode": "daily", "catch_up": 0})
    await desk.ask("subscriptions add", {"topics": "Gone", "catch_up": 0})
    removed = await desk.ask("subscriptions remove", {"subscription": "2"})
    editor = await desk.ask("subscriptions edit", {"subscription": "1"})
    return editor, removed


async def state_of_first_server(desk: Desk) -> list[object]:
    """Everything in the first server that could be changed."""
    guild_id = desk.channel().guild_id
    assert guild_id is not None
    async with open_store(desk.database) as store:
        return [
            await store.list_subscriptions(guild_id),
            await store.access_roles(guild_id),
            await store.get_draft(guild_id, 1),
        ]


async def reveals_nothing(desk: Desk, answer: Message) -> bool:
    """Whether an answer and its file contain nothing of the first server."""
    text = repr(answer) + (await attached(answer) if answer.attachments else "")
    return SECRET not in text and str(desk.channel().id) not in text


async def test_every_command_has_a_case(desk: Desk) -> None:
    """A new command must be added to `CASES`."""
    async with desk.bot():
        assert set(CASES) == set(commands(desk))


@pytest.mark.parametrize("name", CASES)
async def test_a_command_does_nothing_for_a_plain_member(desk: Desk, name: str) -> None:
    """A server's settings may show the commands to everyone."""
    async with desk.bot():
        await prepare(desk)
        before = await state_of_first_server(desk)
        open_to_all(desk)
        used = await desk.sandbox.person("Max").command(
            desk.channel().id, f"subscriptions {name}", CASES[name]
        )
        answer = await used.settled()
        assert REFUSED in answer.content
        assert answer.ephemeral_for is not None
        assert (answer.embeds, answer.attachments, answer.components) == ([], [], [])
        assert await state_of_first_server(desk) == before


@pytest.mark.parametrize("name", CASES)
async def test_a_command_does_nothing_from_another_server(desk: Desk, name: str) -> None:
    """Its admin knows the ids, but the answer is as if they didn't exist."""
    other = elsewhere(desk)
    async with desk.bot():
        await prepare(desk)
        before = await state_of_first_server(desk)
        answer = await other.ask(f"subscriptions {name}", CASES[name])
        assert await state_of_first_server(desk) == before
        if name == "why":  # stories are public; what became of them in this server is not
            assert "Not posted in" in str(answer.embeds)
            assert "this channel has no subscriptions" in str(answer.embeds)
            assert str(desk.channel().id) not in repr(answer.embeds)
        else:
            assert await reveals_nothing(desk, answer)
        if "subscription" in CASES[name]:
            assert "That subscription no longer exists" in answer.content


async def test_autocompletion_is_for_the_servers_admins_only(desk: Desk) -> None:
    """Every option with autocompletion is checked. Topics and stories are no secret."""
    other, shared = elsewhere(desk), {"topics", "without_topics", "story", "timezone"}
    async with desk.bot():
        await prepare(desk)
        open_to_all(desk)
        completed = [
            (f"subscriptions {name}", option["name"])
            for name, command in commands(desk).items()
            for option in command.get("options", [])
            if option.get("autocomplete")
        ]
        assert len(completed) >= 9
        for path, option in completed:
            max_, ada = desk.sandbox.person("Max"), desk.sandbox.person("Ada")
            assert await ada.autocomplete(desk.channel().id, path, option, "")
            assert await max_.autocomplete(desk.channel().id, path, option, "") == []
            assert await max_.autocomplete(other.channel_id, path, option, "") == []
            if option not in shared:
                assert await ada.autocomplete(other.channel_id, path, option, "") == []


async def every_component(desk: Desk, editor: Message, removed: Message) -> list[Message]:
    """Messages with each component, on the pages of the editor and with an invalid input."""
    world, guild_id = desk.sandbox.world, desk.channel().guild_id
    assert guild_id is not None
    first = copy.deepcopy(editor)
    forum = world.add_channel(guild_id, "forum", ChannelType.FORUM)
    await choose(desk, editor, "channel", forum.id)
    await desk.press(editor, "More…")
    in_forum = copy.deepcopy(editor)
    role = world.add_role(guild_id, "Readers")
    await desk.press(editor, "Kinds, channels, role…")
    await choose(desk, editor, "second_mention", role.id)
    others = copy.deepcopy(editor)
    await desk.press(editor, "Back")
    await desk.press(editor, "Look and style…")
    look_and_style = copy.deepcopy(editor)
    await desk.press(editor, "Back")
    await desk.press(editor, "Back")
    await choose(desk, editor, "channel", desk.channel().id)
    await desk.press(editor, "More…")
    await choose(desk, editor, "mention", role.id)
    second = copy.deepcopy(editor)
    await fill(desk, editor, "Schedule…", {"quiet": "late"})
    shown = [first, in_forum, others, look_and_style, second, copy.deepcopy(editor)]
    assert {field for each in shown for field in components(each)} == set(Field)
    return [*shown, copy.deepcopy(removed)]


async def use_all(desk: Desk, person: str, planted: Message, channel_id: int) -> list[Message]:
    """Use each component of a message and return the answers."""
    who = desk.sandbox.person(person)
    answers = []
    for part in [each for row in planted.components for each in row["components"]]:
        if part.get("disabled"):
            continue
        values = _values(desk, part, channel_id)
        used = await who.use_component(planted.id, part["custom_id"], values)
        await used.answered()
        assert used.modal is None
        assert used.original is not None
        answers.append(used.original)
    return answers


def _values(desk: Desk, part: dict[str, Any], channel_id: int) -> list[str]:
    """A value to choose in a component, from the server that it is in."""
    world = desk.sandbox.world
    match part["type"]:
        case 3:
            return [part["options"][0]["value"]]
        case 6:
            guild_id = world.channel(channel_id).guild_id or 0
            return [str(next(iter(world.guild(guild_id).roles)))]
        case 8:
            return [str(channel_id)]
        case _:
            return []


async def test_components_do_nothing_for_a_plain_member(desk: Desk) -> None:
    async with desk.bot():
        messages = await every_component(desk, *await prepare(desk))
        before = await state_of_first_server(desk)
        for message in messages:
            planted = plant(desk, desk.channel().id, message)
            for answer in await use_all(desk, "Max", planted, desk.channel().id):
                assert REFUSED in answer.content
        assert await state_of_first_server(desk) == before


async def test_components_do_not_reach_into_another_server(desk: Desk) -> None:
    """An admin there who knows the custom_ids gets the answer of a closed editor."""
    other = elsewhere(desk)
    async with desk.bot():
        messages = await every_component(desk, *await prepare(desk))
        before = await state_of_first_server(desk)
        for message in messages:
            planted = plant(desk, other.channel_id, message)
            for answer in await use_all(desk, "Ada", planted, other.channel_id):
                assert CLOSED in answer.content or "can't be undone" in answer.content
                assert await reveals_nothing(desk, answer)
        assert await state_of_first_server(desk) == before


@pytest.mark.parametrize("field", ["times", "words", "save", "nonsense"])
async def test_forms_do_not_reach_into_another_server(desk: Desk, field: str) -> None:
    """A plain member can't submit one, either. Clients can craft both."""
    other = elsewhere(desk)
    async with desk.bot():
        await prepare(desk)
        before = await state_of_first_server(desk)
        assert CLOSED in (await _submit(desk, other, "Ada", field)).content
        assert REFUSED in (await _submit(desk, other, "Max", field)).content
        assert await state_of_first_server(desk) == before


async def _submit(desk: Desk, other: Elsewhere, person: str, field: str) -> Message:
    who, world = desk.sandbox.person(person), desk.sandbox.world
    text = {"type": 4, "id": 2, "custom_id": "words", "value": SECRET}
    before = await who.command(other.channel_id, "news topics", {})
    await before.answered()
    submitted = who._interactions.start(  # noqa: SLF001 - the sandbox's page can't do this
        who.user_id,
        world.channel(other.channel_id),
        InteractionType.MODAL,
        {
            "custom_id": f"subs:1:{field}",
            "components": [{"type": 1, "id": 1, "components": [text]}],
        },
        None,
        before,
    )
    answer = await submitted.answered()
    assert answer is not None
    return answer


async def test_a_person_who_loses_access_cannot_continue(desk: Desk) -> None:
    """Each step checks access, including forms and Save."""
    world, guild_id = desk.sandbox.world, desk.channel().guild_id
    assert guild_id is not None
    max_id = world.find_user("Max").id
    admin = world.add_role(guild_id, "Admins", Permission.MANAGE_GUILD)
    world.set_member_roles(guild_id, max_id, [admin.id])
    async with desk.bot():
        editor = await desk.ask("subscriptions add", person="Max")
        await desk.press(editor, "More…", "Max")
        who = desk.sandbox.person("Max")
        form = await who.press(editor.id, button_id(editor, "Filters…"))
        await form.answered()
        world.set_member_roles(guild_id, max_id, [])
        submitted = await who.submit(form, {"words": "moon"})
        assert REFUSED in (await submitted.settled()).content
        assert REFUSED in (await desk.press(editor, "Save", "Max")).content
        assert "No subscriptions yet" in (await desk.ask("subscriptions list")).content


async def test_invalid_ids_are_refused_with_a_message(desk: Desk) -> None:
    """A client may send anything in place of a choice."""
    async with desk.bot():
        await prepare(desk)
        for crafted in (
            "0",
            "2",
            "9" * 18,
            "9" * 40,
            "-1",
            "x",
            "\N{FULLWIDTH DIGIT ONE}",
            "1 OR 1",
        ):
            for path in ("edit", "pause", "resume", "remove", "preview"):
                answer = await desk.ask(f"subscriptions {path}", {"subscription": crafted})
                assert "no longer exists" in answer.content or "from the list" in answer.content
