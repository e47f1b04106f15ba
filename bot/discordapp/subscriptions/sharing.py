"""The commands that keep nobody stuck: who may decide, and all of it as a file."""

from __future__ import annotations

import io

import discord
from discord import app_commands

from bot.discordapp.client import answer_privately
from bot.discordapp.permissions import PostingChannel
from bot.discordapp.rendering.text import discord_length, escaped
from bot.discordapp.subscriptions.access import (
    Interaction,
    Refusal,
    is_admin,
    person_of,
    server_of,
)
from bot.discordapp.subscriptions.exchange import Entry, export, read_entries
from bot.discordapp.subscriptions.office import Office, with_topics
from bot.discordapp.subscriptions.uploaded import MAX_FILE, FileRefusedError
from bot.discordapp.subscriptions.wish import Wish
from bot.discordapp.subscriptions.words import LIST_LENGTH, fitted

_SHOWN = 100
_SENTENCE = 300
_ROLES = 50


def add_sharing(group: app_commands.Group, office: Office) -> None:
    """Add the commands to the group."""

    @group.command(description="Let the members of a role decide here, too, or no longer")
    @app_commands.describe(role="Which role (shows who may)", allow="Whether they may (yes)")
    async def access(
        interaction: Interaction, role: discord.Role | None = None, allow: bool = True
    ) -> None:
        if role is not None:
            await _set_access(interaction, office, role, allow=allow)
        await _show_access(interaction, office)

    @group.command(name="export", description="All subscriptions of this server as a file")
    async def export_(interaction: Interaction) -> None:
        await _export(interaction, office)

    @group.command(name="import", description="Add the subscriptions of a file")
    @app_commands.describe(file="What /subscriptions export gave")
    async def import_(interaction: Interaction, file: discord.Attachment) -> None:
        if file.size > MAX_FILE:
            raise Refusal(f"That file is too large; {MAX_FILE // 1024} KB are the limit.")
        await interaction.response.defer(ephemeral=True, thinking=True)
        try:
            content = await file.read()
        except discord.HTTPException as error:
            raise Refusal("Discord didn't give me that file. Please try again.") from error
        try:
            entries = read_entries(content)
        except FileRefusedError as error:
            raise Refusal(_cut(str(error))) from error
        lines = [await _import_entry(interaction, office, entry) for entry in entries]
        await answer_privately(interaction, _report(lines))


async def _show_access(interaction: Interaction, office: Office) -> None:
    guild = server_of(interaction)
    named = await office.store.access_roles(guild.id)
    shown = [each.mention for each in guild.roles if each.id in named]
    text = "Those with **Manage Server** may decide what arrives here"
    text += f", and the members of {', '.join(shown[:_ROLES])}." if shown else "."
    if shown:
        text += (
            "\nDiscord hides the commands from them until you allow it: Server Settings →"
            " Integrations → this app → `/subscriptions` → Add Roles or Members."
        )
    await answer_privately(interaction, text)


async def _export(interaction: Interaction, office: Office) -> None:
    guild = server_of(interaction)
    subscriptions = await office.store.list_subscriptions(guild.id)

    def channel_name(channel_id: int) -> str | None:
        channel = guild.get_channel_or_thread(channel_id)
        return channel.name if channel else None

    def role_name(role_id: int) -> str | None:
        role = guild.get_role(role_id)
        return role.name if role else None

    text = export(subscriptions, channel_name, role_name)
    await interaction.response.send_message(
        f"{_count(len(subscriptions))}. `/subscriptions import` reads the file, here or in another"
        " server.",
        file=discord.File(io.BytesIO(text.encode()), filename="subscriptions.yaml"),
        ephemeral=True,
    )


async def _set_access(
    interaction: Interaction, office: Office, role: discord.Role, *, allow: bool
) -> None:
    """Only admins name roles: otherwise the named could name others."""
    guild = server_of(interaction)
    if not is_admin(interaction):
        raise Refusal("Only those with **Manage Server** can change who may decide here.")
    if guild.get_role(role.id) is None:
        raise Refusal("That role is not there any more. Please choose another one.")
    if role.is_default() and allow:
        raise Refusal("That would be everybody. Please choose another role.")
    await office.store.set_access(guild.id, role.id, allow)


async def _import_entry(interaction: Interaction, office: Office, entry: Entry) -> tuple[bool, str]:
    """Add one subscription; answers whether that was possible, and what happened."""
    guild, person = server_of(interaction), person_of(interaction)
    try:
        wish = _wish(guild, office, entry)
        topics, _ = await office.spelled(wish.rules.topics)
        without, _ = await office.spelled(wish.rules.without_topics)
        added, _ = await office.add(
            guild, person, wish.with_rules(with_topics(wish.rules, topics, without))
        )
    except Refusal as refusal:
        return False, f"{_name(entry)}: {str(refusal)[:_SENTENCE]}"
    return True, f"<#{added.spec.channel_id}>"


def _wish(guild: discord.Guild, office: Office, entry: Entry) -> Wish:
    """What an entry asks for here. The channel and the role are looked for in this server only."""
    channel_id, role_id = _channel(guild, entry), None
    if entry.mention is not None or entry.mention_id is not None:
        role_id = _role(guild, entry)
    return Wish(
        channel_id,
        entry.rules(office.defaults.min_quality),
        entry.hourly(office.defaults.max_per_hour),
        entry.delivery(role_id),
    )


def _channel(guild: discord.Guild, entry: Entry) -> int:
    if entry.channel_id is not None and guild.get_channel_or_thread(entry.channel_id):
        return entry.channel_id
    name = (entry.channel or "").removeprefix("#").casefold()
    channels: list[PostingChannel] = [*guild.text_channels, *guild.threads]
    for channel in channels:
        if channel.name.casefold() == name:
            return channel.id
    raise Refusal("this server has no such channel; make it, or change the name in the file.")


def _role(guild: discord.Guild, entry: Entry) -> int:
    if entry.mention_id is not None and guild.get_role(entry.mention_id):
        return entry.mention_id
    name = (entry.mention or "").removeprefix("@").casefold()
    for role in guild.roles:
        if role.name.casefold() == name:
            return role.id
    shown = escaped(entry.mention or str(entry.mention_id), _SHOWN)
    raise Refusal(f"this server has no role {shown}; make it, or leave the mention out.")


def _name(entry: Entry) -> str:
    return f"#{escaped(entry.channel or str(entry.channel_id), _SHOWN)}"


def _report(lines: list[tuple[bool, str]]) -> str:
    added = [text for done, text in lines if done]
    left_out = [f"• {text}" for done, text in lines if not done]
    text = f"{_count(len(added))} added"
    text += f", {len(left_out)} left out:\n" if left_out else "."
    return text + fitted(left_out, LIST_LENGTH - len(text))


def _cut(text: str) -> str:
    while discord_length(text) > LIST_LENGTH:
        text = text[: text.rindex("\n")] if "\n" in text else text[:LIST_LENGTH]
    return text


def _count(number: int) -> str:
    return "1 subscription" if number == 1 else f"{number} subscriptions"
