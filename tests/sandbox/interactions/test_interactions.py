import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.sandbox import Interaction, InteractionFailedError, Permission, PersonError, Sandbox
from bot.sandbox.interactions.interaction import InteractionType
from bot.sandbox.model.entities import MessageFlag
from bot.sandbox.model.world import Event
from tests.sandbox.support import NewsBot, Rest, RunBot


class Choose(discord.ui.View):
    """One select of each kind that the bot uses, and a disabled button."""

    @discord.ui.select(
        cls=discord.ui.Select, custom_id="topics", max_values=2,
        options=[discord.SelectOption(label=t, value=t) for t in ("AI", "Space", "Health")],
    )  # fmt: skip
    async def topics(
        self, interaction: discord.Interaction, select: discord.ui.Select[discord.ui.View]
    ) -> None:
        await interaction.response.send_message(", ".join(select.values), ephemeral=True)

    @discord.ui.select(cls=discord.ui.ChannelSelect, custom_id="channel")
    async def channel(
        self, interaction: discord.Interaction, select: discord.ui.ChannelSelect[discord.ui.View]
    ) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content=f"#{select.values[0].name}", view=None)

    @discord.ui.button(label="Off", custom_id="off", disabled=True)
    async def off(self, _: discord.Interaction, button: discord.ui.Button[discord.ui.View]) -> None:
        raise AssertionError(button)


class Desk(NewsBot):
    """A bot with commands of every shape."""

    async def setup_hook(self) -> None:
        tree = self.tree

        @tree.command(name="add", description="Everything typed")
        @app_commands.choices(mode=[app_commands.Choice(name="Daily", value="daily")])
        @app_commands.default_permissions(manage_guild=True)
        @app_commands.guild_only()
        async def add(
            interaction: discord.Interaction,
            channel: discord.TextChannel,
            quality: app_commands.Range[int, 0, 100],
            mode: str = "instant",
            role: discord.Role | None = None,
            member: discord.Member | None = None,
            share: app_commands.Range[float, 0, 1] = 0.5,
            loud: bool = False,
            query: app_commands.Range[str, 2, 5] = "abc",
        ) -> None:
            shown = [channel.name, quality, mode, role and role.name, member and member.name]
            await interaction.response.send_message(f"{[*shown, share, loud, query]}")

        @tree.command(name="choose", description="Selects")
        async def choose(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("Choose", view=Choose())

        @tree.command(name="silent", description="Never answers")
        async def silent(_: discord.Interaction) -> None:
            pass

        @tree.command(name="twice", description="Follows up after a deferred answer")
        async def twice(interaction: discord.Interaction) -> None:
            await interaction.response.defer(thinking=True)
            await interaction.followup.send("first")
            await interaction.followup.send("second")

        @tree.command(name="gone", description="Deletes its answer")
        async def gone(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("soon gone")
            await interaction.delete_original_response()
            await interaction.followup.send("still here")

        await tree.sync()


@pytest.fixture
async def desk(sandbox: Sandbox, run_bot: RunBot) -> AsyncIterator[Desk]:
    """A bot with its commands synced."""
    client = Desk()
    async with run_bot(sandbox, client):
        yield client


@pytest.mark.usefixtures("desk")
async def test_options_of_every_type_arrive_resolved(sandbox: Sandbox) -> None:
    """Channels, roles and members are objects; numbers, choices and booleans keep their types."""
    news = sandbox.world.find_channel("news")
    guild = sandbox.world.guilds[news.guild_id or 0]
    role = next(each.id for each in guild.roles.values() if each.name == "Readers")
    interaction = await sandbox.person("Ada").command(
        news.id,
        "add",
        {
            "channel": sandbox.world.find_channel("ai").id,
            "quality": 70,
            "mode": "daily",
            "role": role,
            "member": sandbox.world.find_user("Max").id,
            "share": 1,
            "loud": True,
            "query": "abcd",
        },
    )
    reply = await interaction.settled()
    assert reply.content == "['ai', 70, 'daily', 'Readers', 'max', 1.0, True, 'abcd']"


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "channel is required"),
        ({"quality": 1}, "channel is required"),
        ({"channel": 1, "quality": 1}, "there is nothing with the id 1"),
        ({"channel": "news", "quality": 1}, "must be an id"),
        ({"channel": None, "quality": 101}, "at most 100"),
        ({"channel": None, "quality": -1}, "at least 0"),
        ({"channel": None, "quality": "7"}, "whole number"),
        ({"channel": None, "quality": 7, "mode": "weekly"}, "one of: Daily"),
        ({"channel": None, "quality": 7, "loud": "yes"}, "true or false"),
        ({"channel": None, "quality": 7, "query": "x"}, "2 to 5 characters"),
        ({"channel": None, "quality": 7, "query": 5}, "must be text"),
        ({"channel": None, "quality": 7, "nonsense": 5}, "no option nonsense"),
    ],
)
async def test_invalid_options_are_refused_with_a_message(
    sandbox: Sandbox, options: dict[str, Any], sentence: str
) -> None:
    """Options that Discord's client would refuse are not sent to the bot."""
    news = sandbox.world.find_channel("news").id
    given = {key: news if key == "channel" and v is None else v for key, v in options.items()}
    with pytest.raises(PersonError, match=sentence):
        await sandbox.person("Ada").command(news, "add", given)


@pytest.mark.usefixtures("desk")
async def test_permissions_decide_who_can_use_a_command(sandbox: Sandbox) -> None:
    """Default permissions, contexts, Use Application Commands and View Channel are checked."""
    news = sandbox.world.find_channel("news")
    guild_id = news.guild_id or 0
    max_ = sandbox.person("Max")
    with pytest.raises(PersonError, match="requires Manage Server"):
        await max_.command(news.id, "add", {"channel": news.id, "quality": 1})
    direct = sandbox.world.direct_channel(sandbox.world.find_user("Ada").id)
    with pytest.raises(PersonError, match="can't be used here"):
        await sandbox.person("Ada").command(direct.id, "add")
    with pytest.raises(PersonError, match="no command"):
        await max_.command(news.id, "nothing")
    everyone = sandbox.world.guilds[guild_id].roles[guild_id].permissions
    sandbox.world.set_role_permissions(
        guild_id, guild_id, everyone & ~Permission.USE_APPLICATION_COMMANDS
    )
    with pytest.raises(PersonError, match="permission to use commands"):
        await max_.command(news.id, "choose")
    sandbox.world.set_role_permissions(guild_id, guild_id, 0)
    with pytest.raises(PersonError, match="can't see"):
        await max_.command(news.id, "choose")


@pytest.mark.usefixtures("desk")
async def test_command_works_in_direct_messages(sandbox: Sandbox) -> None:
    """The interaction has a user, but no server and no member."""
    direct = sandbox.world.direct_channel(sandbox.world.find_user("Max").id)
    reply = await (await sandbox.person("Max").command(direct.id, "choose")).settled()
    assert reply.channel_id == direct.id


@pytest.mark.usefixtures("desk")
async def test_forged_interaction_reaches_the_bot_unchanged(sandbox: Sandbox) -> None:
    """Tests can send the bot a value that the menu does not offer."""
    person, news = sandbox.person("Ada"), sandbox.world.find_channel("news").id
    menu = await (await person.command(news, "choose")).answered()
    assert menu is not None
    data = {"custom_id": "topics", "component_type": 3, "values": ["Forged"]}
    forged = await person.forge(news, InteractionType.COMPONENT, data, menu.id)
    assert (await forged.settled()).content == "Forged"


@pytest.mark.usefixtures("desk")
async def test_selects_send_their_values(sandbox: Sandbox) -> None:
    """One bot response is ephemeral, the other changes the message of the select."""
    news = sandbox.world.find_channel("news").id
    person = sandbox.person("Max")
    menu = await (await person.command(news, "choose")).settled()
    picked = await (await person.select(menu.id, "topics", ["AI", "Space"])).settled()
    assert (picked.content, picked.ephemeral_for) == ("AI, Space", person.user_id)
    changed = await (await person.select(menu.id, "channel", [news])).settled()
    assert (changed.id, changed.content, changed.components) == (menu.id, "#news", [])


@pytest.mark.usefixtures("desk")
async def test_components_refuse_invalid_use(sandbox: Sandbox) -> None:
    """Too many or unknown values, disabled components and deleted messages are refused."""
    news = sandbox.world.find_channel("news").id
    person = sandbox.person("Max")
    menu = await (await person.command(news, "choose")).settled()
    for custom_id, values, sentence in (
        ("topics", [], "Choose 1 to 2"),
        ("topics", ["Sport"], "not one of the options"),
        ("channel", [5], "there is nothing with the id 5"),
        ("off", [], "disabled"),
        ("other", [], "no such button"),
    ):
        with pytest.raises(PersonError, match=sentence):
            await person.select(menu.id, custom_id, values)
    with pytest.raises(PersonError, match="no longer exists"):
        await person.press(1, "off")


@pytest.mark.usefixtures("desk")
async def test_interaction_fails_after_its_deadline(sandbox: Sandbox) -> None:
    """The deadline follows the sandbox's clock, so that the test need not wait."""
    news = sandbox.world.find_channel("news").id
    interaction = await sandbox.person("Max").command(news, "silent")
    sandbox.faults.move_clock(sandbox.options.response_time)
    with pytest.raises(InteractionFailedError, match="did not respond"):
        await interaction.answered()


@pytest.mark.usefixtures("desk")
async def test_first_follow_up_replaces_a_deferred_response(sandbox: Sandbox) -> None:
    """There are two messages in all, as the first one replaces the placeholder."""
    news = sandbox.world.find_channel("news").id
    interaction = await sandbox.person("Max").command(news, "twice")
    thinking = await interaction.answered()
    await sandbox.wait_for_message(news, lambda m: m.content == "second")
    messages = sandbox.world.log(news).all()
    assert [each.content for each in messages] == ["first", "second"]
    assert messages[0] is thinking
    assert not messages[0].flags & MessageFlag.LOADING


@pytest.mark.usefixtures("desk")
async def test_deleting_a_response_keeps_its_follow_up(sandbox: Sandbox) -> None:
    news = sandbox.world.find_channel("news").id
    await sandbox.person("Max").command(news, "gone")
    await sandbox.wait_for_message(news, lambda m: m.content == "still here")
    assert len(sandbox.world.log(news)) == 1


# The doors behind the library, one by one.

BUTTONS = [{"type": 1, "components": [{"type": 2, "style": 1, "label": "x", "custom_id": "x"}]}]


async def pressed(sandbox: Sandbox, rest: Rest) -> tuple[Interaction, str, str]:
    """Press a button; returns its interaction and the paths of its callback and webhook."""
    news = sandbox.world.find_channel("news").id
    _, message = await rest.send(news, content="x", components=BUTTONS)
    interaction = await sandbox.person("Max").press(int(message["id"]), "x")
    callback = f"/interactions/{interaction.id}/{interaction.token}/callback"
    return interaction, callback, f"/webhooks/{sandbox.world.bot.id}/{interaction.token}"


async def test_interaction_accepts_one_first_response(sandbox: Sandbox, rest: Rest) -> None:
    """A second one gives 40060; before the first the webhook is unknown (10015)."""
    _, callback, webhook = await pressed(sandbox, rest)
    assert (await rest.call("POST", webhook, {"content": "early"}))[1]["code"] == 10015
    assert (await rest.call("POST", callback, {"type": 6}))[0] == 204
    status, answer = await rest.call("POST", callback, {"type": 6})
    assert (status, answer) == (
        400,
        {"message": "Interaction has already been acknowledged.", "code": 40060},
    )


async def test_response_after_the_deadline_is_too_late(sandbox: Sandbox, rest: Rest) -> None:
    """The code is 10062, as for an unknown interaction."""
    _, callback, _ = await pressed(sandbox, rest)
    sandbox.faults.move_clock(sandbox.options.response_time)
    for path in (callback, "/interactions/1/token/callback"):
        status, answer = await rest.call("POST", path, {"type": 6})
        assert (status, answer["code"], answer["message"]) == (404, 10062, "Unknown interaction")


async def test_token_expires_after_fifteen_minutes(sandbox: Sandbox, rest: Rest) -> None:
    """An expired token gives 50027."""
    _, callback, webhook = await pressed(sandbox, rest)
    await rest.call("POST", callback, {"type": 4, "data": {"content": "x"}})
    sandbox.faults.move_clock(timedelta(minutes=14, seconds=59))
    assert (await rest.call("POST", webhook, {"content": "x"}))[0] == 200
    sandbox.faults.move_clock(timedelta(seconds=2))
    status, answer = await rest.call("POST", webhook, {"content": "x"})
    assert (status, answer["code"]) == (401, 50027)


async def test_webhook_reads_edits_and_deletes(sandbox: Sandbox, rest: Rest) -> None:
    """GET, PATCH and DELETE work for the original and a follow-up; deleted ones give 10008."""
    _, callback, webhook = await pressed(sandbox, rest)
    status, answer = await rest.call(
        "POST", f"{callback}?with_response=true", {"type": 4, "data": {"content": "a", "flags": 64}}
    )
    assert (status, answer["interaction"]["response_message_ephemeral"]) == (200, True)
    _, more = await rest.call("POST", webhook, {"content": "b"})
    for which, text in (("@original", "a"), (more["id"], "b")):
        path = f"{webhook}/messages/{which}"
        assert (await rest.call("GET", path))[1]["content"] == text
        assert (await rest.call("PATCH", path, {"content": "c"}))[1]["content"] == "c"
        assert (await rest.call("DELETE", path))[0] == 204
        assert (await rest.call("GET", path))[1]["code"] == 10008


async def test_response_names_its_command(sandbox: Sandbox, rest: Rest) -> None:
    """The older `interaction` has the command's full name; a response to a button has none."""
    topic = {"type": 1, "name": "topic", "description": "d", "options": []}
    commands = [{"name": "news", "description": "d", "options": [topic]}]
    await rest.call("PUT", f"/applications/{sandbox.world.bot.id}/commands", commands)
    ada = sandbox.person("Ada")
    news = sandbox.world.find_channel("news").id
    used = await ada.command(news, "news topic")
    button, _, _ = await pressed(sandbox, rest)
    shown = []
    for each in (used, button):
        await rest.call(
            "POST",
            f"/interactions/{each.id}/{each.token}/callback",
            {"type": 4, "data": {"content": "a"}},
        )
        webhook = f"/webhooks/{sandbox.world.bot.id}/{each.token}"
        _, answer = await rest.call("GET", f"{webhook}/messages/@original")
        shown.append(answer)
    assert shown[0]["interaction"]["name"] == "news topic"
    assert shown[0]["interaction"]["id"] == str(used.id) == shown[0]["interaction_metadata"]["id"]
    assert shown[0]["interaction"]["user"]["id"] == str(ada.user_id)
    assert shown[1]["interaction_metadata"]["type"] == 3
    assert "interaction" not in shown[1]


async def test_invalid_response_is_refused(sandbox: Sandbox, rest: Rest) -> None:
    """Choices for a button and empty or too long messages are refused; a valid one follows."""
    _, callback, _ = await pressed(sandbox, rest)
    for body, code in (
        ({"type": 8, "data": {"choices": []}}, 50035),
        ({"type": 4, "data": {}}, 50006),
        ({"type": 4, "data": {"content": "x" * 2001}}, 50035),
    ):
        assert (await rest.call("POST", callback, body))[1]["code"] == code
    sandbox.violations.clear()  # content of 2001 characters breaks the description, too
    assert (await rest.call("POST", callback, {"type": 6}))[0] == 204


async def test_request_log_hides_tokens(sandbox: Sandbox, rest: Rest) -> None:
    """A token in a path is a secret for fifteen minutes."""
    interaction, callback, _ = await pressed(sandbox, rest)
    await rest.call("POST", callback, {"type": 6})
    assert interaction.token not in str(sandbox.requests)
    assert sandbox.requests[-1].path == f"/interactions/{interaction.id}/…/callback"


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        ([{"name": "n", "value": "v"}] * 26, 50035),
        ([{"name": "n" * 101, "value": "v"}], 50035),
        ([{"name": "n", "value": "v" * 101}], 50035),
        ([{"name": "", "value": "v"}], 50035),
        ([{"name": "n", "value": "v"}] * 25, None),
    ],
)
async def test_choices_are_limited(
    sandbox: Sandbox, rest: Rest, choices: list[Any], code: int | None
) -> None:
    """At most 25 choices of at most 100 characters each are accepted."""
    option = {"type": 3, "name": "topic", "description": "d", "autocomplete": True}
    commands = [{"name": "news", "description": "d", "options": [option]}]
    path = f"/applications/{sandbox.world.bot.id}/commands"
    assert (await rest.call("PUT", path, commands))[0] == 200
    news = sandbox.world.find_channel("news").id
    person = sandbox.person("Max")
    typing = {"name": "topic", "type": 3, "value": "a", "focused": True}
    started: list[Any] = []

    def listen(event: Event) -> None:
        if event.name == "INTERACTION_CREATE":
            started.append(event.build())

    sandbox.world.on_event(listen)
    waiting = asyncio.create_task(
        person.autocomplete_by_id(news, sandbox.world.commands[0]["id"], [typing])
    )
    payload = await sandbox.wait_until(lambda: started[0] if started else None)
    callback = f"/interactions/{payload['id']}/{payload['token']}/callback"
    _, answer = await rest.call("POST", callback, {"type": 8, "data": {"choices": choices}})
    if code is None:
        assert len(await waiting) == 25
    else:
        assert answer["code"] == code
        waiting.cancel()
    sandbox.violations.clear()  # these bodies break the description as well
