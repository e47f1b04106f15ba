"""`/help` and `/about`: what the bot can do, what it knows, and where to turn."""

import discord
import pytest

from bot.discordapp.command_mentions import CommandMentions
from bot.discordapp.messages.help import describe_help, describe_report
from bot.sandbox import Permission
from bot.sandbox.model.entities import Message
from storage.open import open_store
from tests.support.desk import Desk

EPHEMERAL = 1 << 6


def shown(message: Message) -> str:
    """The text of a private answer with one embed."""
    assert message.flags & EPHEMERAL
    (embed,) = message.embeds
    return str(embed["description"])


def paths(desk: Desk, group: str) -> list[str]:
    """The full names of the subcommands of a group."""
    found = next(each for each in desk.sandbox.world.commands if each["name"] == group)
    return [f"{group} {option['name']}" for option in found["options"]]


async def test_help_mentions_every_command(desk: Desk) -> None:
    """Members see those for members, and admins also those for subscriptions."""
    async with desk.bot():
        for_admin = shown(await desk.ask("help"))
        for_member = shown(await desk.ask("help", person="Max"))
        for name in [*paths(desk, "news"), "about"]:
            assert desk.mention(name) in for_member
            assert desk.mention(name) in for_admin
        for name in paths(desk, "subscriptions"):
            assert desk.mention(name) in for_admin
        assert "subscriptions" not in for_member
        for syntax in ('`"moon landing"`', "`moon -landing`", "`land*`", "`private: true`"):
            assert syntax in for_member


async def test_help_knows_who_may_manage_subscriptions(desk: Desk) -> None:
    """A role that an admin has allowed is enough."""
    guild_id = desk.channel().guild_id or 0
    role = desk.sandbox.world.add_role(guild_id, "Editors")
    async with open_store(desk.database) as store:
        await store.set_access(guild_id, role.id, True)
    max_id = desk.sandbox.world.find_user("Max").id
    desk.sandbox.world.guilds[guild_id].members[max_id].roles.append(role.id)
    async with desk.bot():
        assert desk.mention("subscriptions add") in shown(await desk.ask("help", person="Max"))


async def test_help_lists_owner_commands_for_owners(desk: Desk) -> None:
    """Not for other admins, and only in the server that has the commands."""
    guild_id = desk.channel().guild_id or 0
    max_id = desk.sandbox.world.find_user("Max").id
    role = desk.sandbox.world.add_role(guild_id, "Admins", permissions=Permission.MANAGE_GUILD)
    desk.sandbox.world.guilds[guild_id].members[max_id].roles.append(role.id)
    async with desk.bot():
        for_owner = shown(await desk.ask("help"))
        assert all(desk.mention(name) in for_owner for name in paths(desk, "owner"))
        assert "owner" not in shown(await desk.ask("help", person="Max"))
    settings = desk.settings()
    elsewhere = settings.discord.model_copy(update={"owner_server": 7})
    async with desk.bot(settings.model_copy(update={"discord": elsewhere})):
        assert "owner" not in shown(await desk.ask("help"))


async def test_about_counts_what_the_bot_knows(desk: Desk) -> None:
    desk.write("one", topic="AI")
    desk.write("two", topic="Space")
    async with desk.bot():
        text = shown(await desk.ask("about"))
        assert desk.mention("help") in text
    assert "I know 2 stories about 2 topics from 1 source." in text
    assert "**Newest story:** <t:" in text
    assert "**Running since:** <t:" in text
    assert "**In this server since:** <t:" in text
    assert "**Something is wrong?**" in text


async def test_about_has_no_secrets(desk: Desk) -> None:
    """Neither where the operator keeps something, nor the token."""
    desk.write("one")
    async with desk.bot():
        text = shown(await desk.ask("about", person="Max"))
    for secret in (str(desk.folder), desk.database.name, desk.sandbox.token):
        assert secret not in text


@pytest.mark.parametrize("name", ["help", "about"])
async def test_both_answer_in_direct_messages(desk: Desk, name: str) -> None:
    """There nobody manages subscriptions, and there is no server to mention."""
    world = desk.sandbox.world
    direct = world.direct_channel(world.find_user("Ada").id).id
    async with desk.bot():
        used = await desk.sandbox.person("Ada").command(direct, name)
        text = shown(await used.settled())
    assert "subscriptions" not in text
    assert "this server" not in text


def test_the_texts_fit_with_mentions() -> None:
    """Ids have up to 19 digits."""
    mentions = CommandMentions()
    mentions.learn(dict.fromkeys(("news", "subscriptions", "owner", "help", "about"), 10**18))
    embed = discord.Embed(description=describe_help(manages=True, owns=True))
    (written,) = mentions.in_embeds([embed])
    assert f"</subscriptions import:{10**18}>" in (written.description or "")


def test_about_links_to_the_documentation_if_there_is_one() -> None:
    address = "https://docs.example/storywire"
    assert f"[Documentation](<{address}>)" in describe_report(address, in_server=True)
    assert "Documentation" not in describe_report(None, in_server=True)
