"""The commands `export` and `import`."""

import io

import discord
from discord import app_commands

from bot.discordapp.interactions import Interaction, Refusal, answer_privately, person_of, server_of
from bot.discordapp.markdown import discord_length, escaped
from bot.discordapp.permissions import PostingChannel
from bot.discordapp.subscriptions.actions import SubscriptionActions
from bot.discordapp.subscriptions.file_format import Entry, export, read_entries
from bot.discordapp.subscriptions.formatting import LIST_LENGTH, fitted
from bot.discordapp.subscriptions.upload_parser import MAX_FILE, FileRefusedError

_SHOWN = 100
_SENTENCE = 300


def add_import_export(group: app_commands.Group, actions: SubscriptionActions) -> None:
    """Add the commands to the group."""

    @group.command(name="export", description="All subscriptions of this server as a file")
    async def export_(interaction: Interaction) -> None:
        guild = server_of(interaction)
        subscriptions = await actions.list_subscriptions(guild.id)

        def channel_name(channel_id: int) -> str | None:
            channel = guild.get_channel_or_thread(channel_id)
            return channel.name if channel else None

        def role_name(role_id: int) -> str | None:
            role = guild.get_role(role_id)
            return role.name if role else None

        text = export(subscriptions, channel_name, role_name)
        await interaction.response.send_message(
            f"{_count(len(subscriptions))}. `/subscriptions import` reads the file, here or in"
            " another server.",
            file=discord.File(io.BytesIO(text.encode()), filename="subscriptions.yaml"),
            ephemeral=True,
        )

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
        lines = [await _import_entry(interaction, actions, entry) for entry in entries]
        await answer_privately(interaction, _report(lines))


async def _import_entry(
    interaction: Interaction, actions: SubscriptionActions, entry: Entry
) -> tuple[bool, str]:
    """Add one subscription; returns whether it was added, and where or why not."""
    guild, person = server_of(interaction), person_of(interaction)
    try:
        default = actions.default_spec(_channel(guild, entry))
        mentions = entry.mention is not None or entry.mention_id is not None
        spec = entry.to_spec(default, _role(guild, entry) if mentions else None)
        spec, _ = await actions.spell_topics(spec)
        added, _ = await actions.add(guild, person, spec, catch_up=0)
    except Refusal as refusal:
        name = escaped(entry.channel or str(entry.channel_id), _SHOWN)
        return False, f"#{name}: {str(refusal)[:_SENTENCE]}"
    return True, f"<#{added.spec.channel_id}>"


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
