"""`/owner`: the commands of those who run the bot."""

import asyncio
import json
import logging
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.app import Reloading
from bot.config.settings import Settings
from bot.config.sources import FolderSettings
from bot.discordapp.messages import owner as messages
from bot.discordapp.owner.owners import owner_ids
from bot.errors import SettingsError
from bot.sandbox import Status
from bot.sandbox.errors import PersonError
from bot.sandbox.model.entities import Message
from bot.sandbox.model.permissions import Permission
from storage.models import SourceState
from tests.support.clock import LONGEST_WAIT
from tests.support.desk import Desk

EPHEMERAL = 1 << 6
keys = st.sampled_from(["team", "owner", "members", "user", "id", "role", "membership_state"])
APPLICATION = "GET /oauth2/applications/@me"


def shown(message: Message) -> str:
    """The text of a private answer."""
    assert message.flags & EPHEMERAL
    return message.content or str(message.embeds[0]["description"])


def make_admin(desk: Desk, name: str) -> int:
    """Let a member use every command; returns the member's id."""
    guild_id = desk.channel().guild_id or 0
    role = desk.sandbox.world.add_role(guild_id, "Admins", Permission.ADMINISTRATOR)
    user_id = desk.sandbox.world.find_user(name).id
    desk.sandbox.world.guilds[guild_id].members[user_id].roles.append(role.id)
    return user_id


async def test_only_owners_may_use_the_commands(desk: Desk) -> None:
    """Members don't see them. An admin of a server does, and is refused."""
    async with desk.bot():
        assert "not paused" in shown(await desk.ask("owner state"))
        with pytest.raises(PersonError, match="administrators only"):
            await desk.ask("owner pause", person="Max")
        make_admin(desk, "Max")
        answer = await desk.ask("owner pause", person="Max")
        assert shown(answer) == messages.NOT_AN_OWNER
        channel = desk.channel().id
        asked = desk.sandbox.person("Max").autocomplete(channel, "owner run", "source", "")
        assert await asked == []
        assert "not paused" in shown(await desk.ask("owner state"))


async def test_a_team_owns_the_application_together(desk: Desk) -> None:
    """Whether Discord answers is not taken for a yes."""
    max_id = make_admin(desk, "Max")
    member = {"membership_state": 2, "role": "developer", "user": {"id": str(max_id)}}
    team = {"owner": {"id": "1"}, "team": {"owner_user_id": "1", "members": [member]}}
    async with desk.bot():
        desk.sandbox.faults.plan(Status(503), route=APPLICATION, times=5)
        assert shown(await desk.ask("owner state", person="Max")) == messages.OWNERS_UNKNOWN
        desk.sandbox.faults.clear()
        desk.sandbox.faults.plan(Status(200, body=json.dumps(team)), route=APPLICATION)
        assert "not paused" in shown(await desk.ask("owner state", person="Max"))
        assert shown(await desk.ask("owner state")) == messages.NOT_AN_OWNER


@pytest.mark.parametrize(
    ("application", "owners"),
    [
        ({"owner": {"id": "7"}, "team": None}, {7}),
        ({"owner": {"id": "7"}, "team": {"owner_user_id": "8", "members": []}}, {8}),
        (
            {
                "team": {
                    "owner_user_id": "8",
                    "members": [
                        {"membership_state": 2, "role": "admin", "user": {"id": "9"}},
                        {"membership_state": 2, "role": "read_only", "user": {"id": "10"}},
                        {"membership_state": 1, "role": "admin", "user": {"id": "11"}},
                        None,
                    ],
                }
            },
            {8, 9},
        ),
        ({"owner": "7"}, set()),
        ([], set()),
    ],
)
def test_owners_are_those_who_may_change_it(application: object, owners: set[int]) -> None:
    """Members that have not accepted, or may only read, and what can't be read, don't count."""
    assert owner_ids(application) == owners


@example({"team": {"members": True}})
@example({"team": {"members": [{"membership_state": 2, "role": []}]}})
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=12,
    )
)
def test_any_description_of_an_application_is_read(application: object) -> None:
    """What can't be read makes nobody an owner."""
    assert all(isinstance(each, int) for each in owner_ids(application))


async def test_posting_is_paused_and_resumed(desk: Desk) -> None:
    """A story that arrives meanwhile is posted afterwards."""
    async with desk.bot():
        await desk.subscribe()
        text = shown(await desk.ask("owner pause"))
        assert text.startswith("Posting is paused. Stories wait until ")
        assert desk.mention("owner resume") in text
        assert shown(await desk.ask("owner pause")).startswith("Posting was already paused <t:")
        assert "⏸ **Posting:** paused <t:" in shown(await desk.ask("owner state"))
        status = await desk.ask("subscriptions status")
        assert "paused all posting <t:" in str(status.embeds[0]["fields"])
        desk.write("one", title="Meanwhile")
        await desk.ask("owner run", {"source": f"folder:{desk.folder}"})
        assert desk.posts() == []
        why = await desk.ask("subscriptions why", {"story": "Meanwhile"})
        assert "paused all posting <t:" in str(why.embeds[0]["fields"])
        assert shown(await desk.ask("owner resume")).startswith("Posting goes on. It was paused")
        assert await desk.wait_for_stories(1) == ["Meanwhile"]
        assert shown(await desk.ask("owner resume")) == "Posting is not paused."


async def test_a_source_is_read_at_once(desk: Desk) -> None:
    """The answer says what has changed, or why it can't be read."""
    channel = desk.channel().id
    async with desk.bot():
        ada = desk.sandbox.person("Ada")
        (choice,) = await ada.autocomplete(channel, "owner run", "source", "FOLD")
        source = {"source": choice["value"]}
        assert "was read: 0 new" in shown(await desk.ask("owner run", source))
        assert shown(await desk.ask("owner run", {"source": "x"})) == messages.NO_SUCH_SOURCE
        desk.folder.rmdir()
        assert "can't be read; its stories stay as they are." in shown(
            await desk.ask("owner run", source)
        )
        state = shown(await desk.ask("owner state"))
        assert "**Sources:** 1 · ⚠ 1 can't be read" in state


def servers_of_owner(desk: Desk) -> list[object]:
    """The servers that have the commands; None stands for all."""
    commands = desk.sandbox.world.commands
    return [each.get("guild_id") for each in commands if each["name"] == "owner"]


async def test_one_server_may_have_the_commands(desk: Desk) -> None:
    """When the setting changes, they are removed there."""
    guild_id = desk.channel().guild_id
    settings = desk.settings()
    discord = settings.discord.model_copy(update={"owner_server": guild_id})
    wait_until = desk.sandbox.wait_until
    async with desk.bot(settings.model_copy(update={"discord": discord})):
        await wait_until(lambda: servers_of_owner(desk) == [str(guild_id)])
        await desk.ask("owner pause")
        assert desk.mention("owner resume") in shown(await desk.ask("owner state"))
    async with desk.bot():
        await wait_until(lambda: servers_of_owner(desk) == [None])
        assert "⏸" in shown(await desk.ask("owner state"))


async def test_a_wrong_server_is_named_in_the_log(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """The other commands are registered all the same."""
    settings = desk.settings()
    discord = settings.discord.model_copy(update={"owner_server": 7})
    async with desk.bot(settings.model_copy(update={"discord": discord})):
        async with asyncio.timeout(LONGEST_WAIT):
            while "of server 7 are not registered" not in caplog.text:  # noqa: ASYNC110 - a log
                await asyncio.sleep(0.01)
        await desk.ask("help")
        assert servers_of_owner(desk) == []


async def test_settings_are_reloaded(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer says what is in force, and what is wrong, without secrets."""
    caplog.set_level(logging.INFO)
    before, new = desk.settings(), list[Settings | SettingsError]()

    def read(_: Settings) -> Settings:
        if isinstance(new[0], SettingsError):
            raise new[0]
        return new[0]

    async with desk.bot(before, reloading=Reloading(read)):
        new[:] = [before]
        assert shown(await desk.ask("owner reload")).endswith("Nothing has changed.")
        changed = {"sources": (FolderSettings(folder=tmp_path),), "database": Path("x")}
        new[:] = [before.model_copy(update=changed)]
        text = shown(await desk.ask("owner reload"))
        assert "New sources: folder" in text
        assert "Only after a restart: database." in text
        new[:] = [SettingsError("announce.pace: write a number\nhttps://a:secret@b.example is bad")]
        text = shown(await desk.ask("owner reload"))
        assert text.startswith("⚠ The settings stay as they were:\n- announce.pace: write a number")
        assert "secret" not in text
    assert "owner " in caplog.text


def test_the_longest_state_fits_an_embed() -> None:
    """Failing sources are listed as far as they fit."""
    states = [SourceState(f"feed:{n}{'*' * 200}", 0, 0, error="_" * 500) for n in range(100)]
    assert len(messages.describe_sources(states, 100)) < 3000
