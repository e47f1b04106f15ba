"""Access for roles, and export and import of subscriptions."""

import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from bot.discordapp.subscriptions import commands, import_export
from bot.discordapp.subscriptions.editor import conversation
from bot.sandbox import UploadedFile
from tests.discordapp.subscriptions.support import (
    attached,
    choose,
    elsewhere,
    fill,
    import_file,
    open_to_all,
    yaml_file,
)
from tests.support.desk import Desk


def readers(desk: Desk) -> int:
    """The id of a role whose member Max is."""
    world, guild_id = desk.sandbox.world, desk.channel().guild_id
    assert guild_id is not None
    (role,) = (each for each in world.guild(guild_id).roles.values() if each.name == "Readers")
    world.set_member_roles(guild_id, world.find_user("Max").id, [role.id])
    return role.id


async def test_members_of_an_allowed_role_manage_subscriptions(desk: Desk) -> None:
    """They can't allow other roles, and lose access when the role is no longer allowed."""
    role = readers(desk)
    async with desk.bot():
        shown = await desk.ask("subscriptions access")
        assert shown.content == "Members with **Manage Server** can manage subscriptions."
        named = await desk.ask("subscriptions access", {"role": role})
        assert f"or one of these roles can manage subscriptions: <@&{role}>" in named.content
        assert "Integrations" in named.content
        open_to_all(desk)
        editor = await desk.ask("subscriptions add", person="Max")
        await choose(desk, editor, "bar", "50", person="Max")
        assert "Subscribed" in (await desk.press(editor, "Save", "Max")).content
        offered = await desk.sandbox.person("Max").autocomplete(
            desk.channel().id, "subscriptions remove", "subscription", ""
        )
        assert len(offered) == 1
        for allow in (True, False):
            refused = await desk.ask(
                "subscriptions access", {"role": role, "allow": allow}, person="Max"
            )
            assert "Only members with **Manage Server**" in refused.content
        unnamed = await desk.ask("subscriptions access", {"role": role, "allow": False})
        assert unnamed.content == shown.content
        refused = await desk.ask("subscriptions list", person="Max")
        assert "You need **Manage Server**" in refused.content


async def test_everyone_is_not_accepted_as_a_role(desk: Desk) -> None:
    guild_id = desk.channel().guild_id
    async with desk.bot():
        refused = await desk.ask("subscriptions access", {"role": guild_id})
        assert "That role includes everyone" in refused.content


async def test_a_role_gives_access_to_its_own_server_only(desk: Desk) -> None:
    """The person is in both servers."""
    role, other = readers(desk), elsewhere(desk)
    async with desk.bot():
        await desk.ask("subscriptions access", {"role": role})
        open_to_all(desk)
        assert (
            "No subscriptions yet" in (await desk.ask("subscriptions list", person="Max")).content
        )
        refused = await other.ask("subscriptions list", person="Max")
        assert "You need **Manage Server**" in refused.content


async def test_an_exported_file_restores_subscriptions(desk: Desk) -> None:
    """Channels and roles are found again, and existing subscriptions are skipped."""
    role = readers(desk)
    async with desk.bot():
        options = {"topics": "Space", "mode": "weekly", "weekday": 4, "mention": role}
        await desk.ask("subscriptions add", {**options, "timezone": "Berlin", "catch_up": 0})
        await desk.ask("subscriptions add", {"quiet": "22-8", "catch_up": 0}, channel="ai")
        before = (await desk.ask("subscriptions list")).content
        exported = await desk.ask("subscriptions export")
        assert exported.content.startswith("Exported 2 subscriptions. ")
        assert exported.ephemeral_for is not None
        file = yaml_file(await attached(exported))
        await desk.ask("subscriptions remove", {"subscription": "1"})
        imported = await import_file(desk, file)
        assert imported.splitlines()[0] == "Added 1 subscription, skipped 1:"
        assert f"#ai: <#{desk.channel('ai').id}> is already subscribed to" in imported
        after = (await desk.ask("subscriptions list")).content
        assert sorted(after.splitlines()) == sorted(before.splitlines())


async def test_another_server_finds_channels_and_roles_by_name(desk: Desk) -> None:
    """The ids of the first server are unknown there."""
    role, other = readers(desk), elsewhere(desk)
    world = desk.sandbox.world
    async with desk.bot():
        await desk.ask("subscriptions add", {"mention": role, "catch_up": 0})
        await desk.ask("subscriptions add", {"catch_up": 0}, channel="ai")
        file = yaml_file(await attached(await desk.ask("subscriptions export")))
        missing = await other.ask("subscriptions import", {"file": file})
        assert missing.content.startswith("Added 0 subscriptions, skipped 2:")
        assert "#news: There's no channel “news” in this server" in missing.content
        news = world.add_channel(other.guild_id, "news")
        no_role = await other.ask("subscriptions import", {"file": file})
        assert "#news: There's no role “Readers” in this server" in no_role.content
        theirs = world.add_role(other.guild_id, "Readers")
        imported = await other.ask("subscriptions import", {"file": file})
        assert imported.content.startswith("Added 1 subscription, skipped 1:")
        listed = (await other.ask("subscriptions list")).content
        assert f"<#{news.id}>" in listed
        assert f"<@&{theirs.id}>" in listed


async def test_an_imported_subscription_has_no_catch_up(desk: Desk) -> None:
    """An import of many subscriptions must not flood the server."""
    desk.write("old")
    async with desk.bot():
        assert await import_file(desk, yaml_file("subscriptions:\n- channel: news\n")) == (
            "Added 1 subscription."
        )
        desk.write("new")
        assert await desk.wait_for_stories(1) == ["Story new"]


async def test_an_invalid_file_is_refused_with_a_message(desk: Desk) -> None:
    """Nothing is added."""
    large = UploadedFile("a.yaml", "application/yaml", b"#" * 70_000)
    wrong = yaml_file("subscriptions:\n- channel: news\n- {channel: ai, at: 25:00}\n")
    async with desk.bot():
        assert "The limit is 64 KB" in await import_file(desk, large)
        assert "isn't a list of subscriptions" in await import_file(desk, yaml_file("a: b\n"))
        assert "• Entry 2, `at`: “25\\:00” isn't a valid time" in await import_file(desk, wrong)
        assert "No subscriptions yet" in (await desk.ask("subscriptions list")).content


@pytest.mark.parametrize(
    ("module", "function"),
    [
        (import_export, "read_entries"),
        (import_export, "export"),
        (commands, "read_command"),
        (conversation, "read_form"),
    ],
)
async def test_what_takes_long_is_read_in_a_thread(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, module: ModuleType, function: str
) -> None:
    """Files, and the first name of a time zone, would delay everybody else's answers."""
    used, threads = getattr(module, function), list[threading.Thread]()

    def recorded(*given: Any) -> Any:  # noqa: ANN401 - of several functions
        threads.append(threading.current_thread())
        return used(*given)

    monkeypatch.setattr(module, function, recorded)
    steps: dict[str, Callable[[], Any]] = {
        "read_entries": lambda: import_file(desk, yaml_file("subscriptions:\n- channel: news\n")),
        "export": lambda: desk.ask("subscriptions export"),
        "read_command": lambda: desk.ask("subscriptions add", {"timezone": "Wien"}),
        "read_form": lambda: fill_in_a_time_zone(desk),
    }
    async with desk.bot():
        await steps[function]()
    assert threads
    assert threading.main_thread() not in threads


async def fill_in_a_time_zone(desk: Desk) -> None:
    """Type it into the editor's form."""
    editor = await desk.press(await desk.ask("subscriptions add"), "More…")
    await fill(desk, editor, "Schedule…", {"timezone": "Wien"})
