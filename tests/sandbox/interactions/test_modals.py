"""Modals: what the bot asks, what a person fills in, and what the bot gets of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import discord
import pytest

from bot.sandbox import Interaction, InteractionFailedError, PersonError, Sandbox
from bot.sandbox.model.entities import Message, MessageFlag
from tests.sandbox.support import NewsBot, Rest, RunBot


class Words(discord.ui.Modal, title="Words"):
    """A modal in the older format: rows with text inputs."""

    include: discord.ui.TextInput["Words"] = discord.ui.TextInput(
        label="Include", custom_id="include", min_length=2, max_length=10, default="space"
    )
    exclude: discord.ui.TextInput["Words"] = discord.ui.TextInput(
        label="Exclude",
        custom_id="exclude",
        required=False,
        placeholder="None",
        style=discord.TextStyle.paragraph,
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        words = f"{self.include.value} without {self.exclude.value or 'nothing'}"
        if interaction.message is None:
            await interaction.response.send_message(words, ephemeral=True)
        else:
            await interaction.response.edit_message(content=words, view=None)


class Delivery(discord.ui.Modal, title="Delivery"):
    """A modal with labels: a text, a select and a role."""

    at: discord.ui.Label["Delivery"] = discord.ui.Label(
        text="At",
        description="A local time",
        component=discord.ui.TextInput(custom_id="at", default="08:00"),
    )
    mode: discord.ui.Label["Delivery"] = discord.ui.Label(
        text="Mode",
        component=discord.ui.Select(
            custom_id="mode",
            options=[
                discord.SelectOption(label="Daily", value="daily", default=True),
                discord.SelectOption(label="Weekly", value="weekly"),
            ],
        ),
    )
    role: discord.ui.Label["Delivery"] = discord.ui.Label(
        text="Mention", component=discord.ui.RoleSelect(custom_id="role", required=False)
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        at, mode, role = self.at.component, self.mode.component, self.role.component
        assert isinstance(at, discord.ui.TextInput)
        assert isinstance(mode, discord.ui.Select)
        assert isinstance(role, discord.ui.RoleSelect)
        await interaction.response.defer()
        names = [each.name for each in role.values]
        await interaction.edit_original_response(content=f"{at.value} {mode.values} {names}")


class Editor(discord.ui.View):
    """Buttons that open modals."""

    @discord.ui.button(label="Words", custom_id="words")
    async def words(self, interaction: discord.Interaction, _: discord.ui.Button["Editor"]) -> None:
        await interaction.response.send_modal(Words())

    @discord.ui.button(label="Delivery", custom_id="delivery")
    async def delivery(
        self, interaction: discord.Interaction, _: discord.ui.Button["Editor"]
    ) -> None:
        await interaction.response.send_modal(Delivery())


class Desk(NewsBot):
    """A bot with a modal behind a command, and an editor with two."""

    async def setup_hook(self) -> None:
        @self.tree.command(name="words", description="Answers with a modal")
        async def words(interaction: discord.Interaction) -> None:
            await interaction.response.send_modal(Words())

        @self.tree.command(name="edit", description="An editor that one person sees")
        async def edit(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("Editor", view=Editor(), ephemeral=True)

        await self.tree.sync()


@pytest.fixture
async def desk(sandbox: Sandbox, run_bot: RunBot) -> AsyncIterator[Desk]:
    client = Desk()
    async with run_bot(sandbox, client):
        yield client


async def use(sandbox: Sandbox, path: str) -> Interaction:
    """Use a command as Ada in #news."""
    return await sandbox.person("Ada").command(sandbox.world.find_channel("news").id, path)


async def open_editor(sandbox: Sandbox, button: str) -> tuple[Message, Interaction]:
    """Open Ada's editor and press one of its buttons; returns both results."""
    editor = await (await use(sandbox, "edit")).settled()
    return editor, await sandbox.person("Ada").press(editor.id, button)


@pytest.mark.usefixtures("desk")
async def test_command_can_open_a_modal(sandbox: Sandbox) -> None:
    """Fields that are left out keep their values; the response belongs to the submitter."""
    opened = await use(sandbox, "words")
    modal = await opened.opened()
    assert modal["title"] == "Words"
    assert [row["components"][0]["label"] for row in modal["components"]] == ["Include", "Exclude"]
    answer = await (await sandbox.person("Ada").submit(opened, {"exclude": "sport"})).settled()
    assert answer.content == "space without sport"
    assert answer.flags & MessageFlag.EPHEMERAL
    assert answer.interaction is not None
    assert answer.interaction["type"] == 5
    assert answer.interaction["triggering_interaction_metadata"]["id"] == str(opened.id)


@pytest.mark.usefixtures("desk")
async def test_modal_can_change_the_message_of_its_button(sandbox: Sandbox) -> None:
    """The message may be ephemeral."""
    editor, opened = await open_editor(sandbox, "words")
    await opened.opened()
    changed = await (await sandbox.person("Ada").submit(opened, {"include": "AI"})).settled()
    assert changed.id == editor.id
    assert (changed.content, changed.components) == ("AI without nothing", [])


@pytest.mark.usefixtures("desk")
async def test_labels_contain_texts_and_selects(sandbox: Sandbox) -> None:
    """Chosen roles are resolved; a deferred update is followed by an edit."""
    editor, opened = await open_editor(sandbox, "delivery")
    await opened.opened()
    guild = next(iter(sandbox.world.guilds.values()))
    role = next(each for each in guild.roles.values() if each.name == "Readers")
    ada = sandbox.person("Ada")
    first = await (await ada.submit(opened)).settled()
    assert first.id == editor.id
    assert first.content == "08:00 ['daily'] []"
    again = await ada.press(editor.id, "delivery")
    await again.opened()
    filled = {"at": "09:30", "mode": ["weekly"], "role": [str(role.id)]}
    second = await (await ada.submit(again, filled)).settled()
    assert second.content == "09:30 ['weekly'] ['Readers']"


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("button", "filled", "words"),
    [
        ("words", {"include": ""}, "Include is required."),
        ("words", {"include": "x"}, "Include must have 2 to 10 characters."),
        ("words", {"include": "x" * 11}, "Include must have 2 to 10 characters."),
        ("words", {"include": ["x"]}, "Include must be text."),
        ("words", {"else": "x"}, "The form has no field else."),
        ("delivery", {"mode": ["hourly"]}, "This value is not one of the options."),
        ("delivery", {"mode": []}, "Choose 1."),
        ("delivery", {"mode": ["daily", "weekly"]}, "Choose 1."),
        ("delivery", {"role": ["1"]}, "The menu: there is nothing with the id 1."),
    ],
)
async def test_invalid_submission_is_refused(
    sandbox: Sandbox, button: str, filled: dict[str, str | list[str]], words: str
) -> None:
    """The person gets a one-line message."""
    _, opened = await open_editor(sandbox, button)
    await opened.opened()
    with pytest.raises(PersonError) as caught:
        await sandbox.person("Ada").submit(opened, filled)
    assert str(caught.value) == words


@pytest.mark.usefixtures("desk")
async def test_only_the_opener_can_submit_a_modal(sandbox: Sandbox) -> None:
    """A modal that was never opened can't be submitted, either."""
    opened = await use(sandbox, "words")
    await opened.opened()
    with pytest.raises(PersonError, match="This form is no longer open"):
        await sandbox.person("Max").submit(opened)
    answered = await use(sandbox, "edit")
    with pytest.raises(InteractionFailedError, match="not a modal"):
        await answered.opened()
    with pytest.raises(PersonError, match="This form is no longer open"):
        await sandbox.person("Ada").submit(answered)


def text_input(**changes: object) -> dict[str, Any]:
    return {"type": 4, "custom_id": "a", "style": 1, "label": "A", **changes}


def row(*children: object) -> dict[str, Any]:
    return {"type": 1, "components": list(children)}


def labelled(child: object, **changes: object) -> dict[str, Any]:
    return {"type": 18, "label": "A", "component": child, **changes}


SELECT = {"type": 3, "custom_id": "s", "options": [{"label": "A", "value": "a"}]}
LONG, BAD, MISSING = "BASE_TYPE_MAX_LENGTH", "BASE_TYPE_BAD_LENGTH", "BASE_TYPE_REQUIRED"
BROKEN: list[tuple[dict[str, Any], str, str]] = [
    ({"title": "x" * 46}, "title", BAD),
    ({"title": ""}, "title", MISSING),
    ({"custom_id": "x" * 101}, "custom_id", BAD),
    ({"components": []}, "components", BAD),
    ({"components": [row(text_input(custom_id=str(n))) for n in range(6)]}, "components", BAD),
    ({"components": [row(text_input(), text_input(custom_id="b"))]}, "components.0.components",
     BAD),
    ({"components": [row(text_input(label="x" * 46))]}, "components.0.components.0.label", LONG),
    ({"components": [row(text_input(label=None))]}, "components.0.components.0.label", MISSING),
    ({"components": [row(text_input(value="x" * 4001))]}, "components.0.components.0.value", LONG),
    ({"components": [row(text_input(value="xyz", max_length=2))]},
     "components.0.components.0.value", LONG),
    ({"components": [row(text_input(placeholder="x" * 101))]},
     "components.0.components.0.placeholder", LONG),
    ({"components": [row(text_input(max_length=4001))]},
     "components.0.components.0.max_length", "NUMBER_TYPE_MAX"),
    ({"components": [row(text_input(min_length=3, max_length=2))]},
     "components.0.components.0.min_length", "NUMBER_TYPE_MAX"),
    ({"components": [row(text_input(style=3))]}, "components.0.components.0.style",
     "BASE_TYPE_CHOICES"),
    ({"components": [row(SELECT)]}, "components.0.components.0.type", "BASE_TYPE_CHOICES"),
    ({"components": [row(text_input()), row(text_input())]}, "components.1.components.0.custom_id",
     "COMPONENT_CUSTOM_ID_DUPLICATED"),
    ({"components": [labelled(SELECT, label="x" * 46)]}, "components.0.label", BAD),
    ({"components": [labelled(SELECT, description="x" * 101)]}, "components.0.description", LONG),
    ({"components": [labelled(SELECT | {"options": []})]}, "components.0.component.options", BAD),
    ({"components": [labelled(SELECT | {"min_values": 2})]}, "components.0.component.min_values",
     "NUMBER_TYPE_MAX"),
]  # fmt: skip


async def answer_by_hand(sandbox: Sandbox, rest: Rest, body: object) -> tuple[int, Any]:
    """Respond to a command of Ada with a body that discord.py would never send."""
    path = f"/applications/{sandbox.world.bot.id}/commands"
    await rest.call("PUT", path, [{"name": "ask", "description": "Asks"}])
    asked = await use(sandbox, "ask")
    return await rest.call("POST", f"/interactions/{asked.id}/{asked.token}/callback", body)


@pytest.mark.parametrize(("change", "place", "code"), BROKEN)
async def test_every_limit_of_a_modal_is_enforced(
    sandbox: Sandbox, rest: Rest, change: dict[str, Any], place: str, code: str
) -> None:
    """Exceeding a limit by one gives Discord's code at Discord's path."""
    data = {"custom_id": "m", "title": "M", "components": [row(text_input())], **change}
    status, answer = await answer_by_hand(sandbox, rest, {"type": 9, "data": data})
    assert (status, answer["code"]) == (400, 50035)
    node = answer["errors"]["data"]
    for part in place.split("."):
        node = node[part]
    assert code in [each["code"] for each in node["_errors"]]
    sandbox.violations.clear()  # these were meant


async def test_modal_at_all_limits_is_accepted(sandbox: Sandbox, rest: Rest) -> None:
    longest = text_input(
        custom_id="c" * 100,
        label="l" * 45,
        value="v" * 4000,
        placeholder="p" * 100,
        max_length=4000,
    )
    parts = [row(longest), *(row(text_input(custom_id=str(n))) for n in range(4))]
    data = {"custom_id": "m" * 100, "title": "t" * 45, "components": parts}
    assert await answer_by_hand(sandbox, rest, {"type": 9, "data": data}) == (204, None)


@pytest.mark.parametrize("kind", [10, 19, 21])
async def test_unsupported_parts_of_modals_return_501(
    sandbox: Sandbox, rest: Rest, kind: int
) -> None:
    """The sandbox never guesses a response, for example to a file upload in a modal."""
    part = {"type": kind, "content": "x"} if kind == 10 else labelled({"type": kind})
    data = {"custom_id": "m", "title": "M", "components": [part]}
    status, _ = await answer_by_hand(sandbox, rest, {"type": 9, "data": data})
    assert status == 501
    sandbox.unknown_routes.clear()
    sandbox.violations.clear()


@pytest.mark.usefixtures("desk")
async def test_modal_can_not_open_another_modal(sandbox: Sandbox, monkeypatch: Any) -> None:  # noqa: ANN401 - pytest's own
    """Discord does not allow it, nor an update without a message."""
    refused: asyncio.Queue[int] = asyncio.Queue()

    def answering(kind: int) -> Callable[[Words, discord.Interaction], Any]:
        async def on_submit(_: Words, interaction: discord.Interaction) -> None:
            try:
                if kind == 9:
                    await interaction.response.send_modal(Words())
                else:
                    await interaction.response.edit_message(content="nothing there")
            except discord.HTTPException as error:
                refused.put_nowait(error.code)
            await interaction.response.send_message("at last")

        return on_submit

    monkeypatch.setattr(Words, "on_submit", answering(9))
    opened = await use(sandbox, "words")
    await opened.opened()
    answer = await (await sandbox.person("Ada").submit(opened)).settled()
    assert answer.content == "at last"
    assert refused.get_nowait() == 50035
