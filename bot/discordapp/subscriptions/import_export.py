"""The commands `export` and `import`."""

import asyncio
import io

import discord
from discord import app_commands

from bot.discordapp.interactions import (
    Interaction,
    Refusal,
    answer_privately,
    person_of,
    server_of,
)
from bot.discordapp.malformed import MALFORMED
from bot.discordapp.markdown import discord_length
from bot.discordapp.messages import subscription_commands, subscription_files
from bot.discordapp.messages.fitting import MESSAGE_LENGTH
from bot.discordapp.messages.input_errors import InvalidInputError
from bot.discordapp.outcomes import FAILURES
from bot.discordapp.permissions import PostingChannel
from bot.discordapp.replies import reply_to
from bot.discordapp.subscriptions.actions import SubscriptionActions
from bot.discordapp.subscriptions.file_format import Entry, export, read_entries
from bot.discordapp.subscriptions.upload_parser import MAX_FILE, FileRefusedError


def add_import_export_commands(group: app_commands.Group, actions: SubscriptionActions) -> None:
    """Add the commands to the group."""
    reading = asyncio.Lock()

    @group.command(name="export", description=subscription_commands.EXPORT)
    async def export_(interaction: Interaction) -> None:
        guild = server_of(interaction)
        subscriptions = await actions.list_subscriptions(guild.id)

        def channel_name(channel_id: int) -> str | None:
            channel = guild.get_channel_or_thread(channel_id)
            return channel.name if channel else None

        def role_name(role_id: int) -> str | None:
            role = guild.get_role(role_id)
            return role.name if role else None

        text = await asyncio.to_thread(export, subscriptions, channel_name, role_name)
        await reply_to(interaction).send(
            subscription_files.confirm_exported(len(subscriptions)),
            files=[discord.File(io.BytesIO(text.encode()), filename="subscriptions.yaml")],
            private=True,
        )

    @group.command(name="import", description=subscription_commands.IMPORT)
    @app_commands.describe(file=subscription_commands.FILE)
    async def import_(interaction: Interaction, file: discord.Attachment) -> None:
        if file.size > MAX_FILE:
            raise Refusal(subscription_files.file_too_large(MAX_FILE))
        try:
            content = await file.read()
        except (*FAILURES, *MALFORMED) as error:
            raise Refusal(subscription_files.DOWNLOAD_FAILED) from error
        try:
            # One file at a time: several threads would take turns with the event loop's.
            async with reading:
                entries = await asyncio.to_thread(read_entries, content)
        except FileRefusedError as error:
            raise Refusal(_shorten(str(error))) from error
        added, skipped = 0, list[tuple[str, str]]()
        for entry in entries:
            try:
                await _import_entry(interaction, actions, entry)
                added += 1
            except Refusal as refusal:
                skipped.append((entry.channel or str(entry.channel_id), str(refusal)))
        await answer_privately(interaction, subscription_files.confirm_imported(added, skipped))


async def _import_entry(
    interaction: Interaction, actions: SubscriptionActions, entry: Entry
) -> None:
    """Add one subscription. Raises `Refusal`."""
    guild, person = server_of(interaction), person_of(interaction)
    default = actions.default_spec(_find_channel(guild, entry.channel_id, entry.channel))
    role_id = _find_role(guild, entry.mention_id, entry.mention)
    second_role_id = _find_role(guild, entry.second_mention_id, entry.second_mention)
    not_in = [_find_channel(guild, each.channel_id, each.channel) for each in entry.not_in]
    try:
        spec = entry.to_spec(default, role_id, not_in, second_role_id=second_role_id)
    except InvalidInputError as error:
        raise Refusal(str(error)) from error
    spec, _ = await actions.spell_topics(spec)
    await actions.add(guild, person, spec, catch_up=0)


def _find_channel(guild: discord.Guild, channel_id: int | None, name: str | None) -> int:
    if channel_id is not None and guild.get_channel_or_thread(channel_id):
        return channel_id
    name = (name or "").removeprefix("#").casefold()
    channels: list[PostingChannel] = [*guild.text_channels, *guild.forums, *guild.threads]
    for channel in channels:
        if channel.name.casefold() == name:
            return channel.id
    raise Refusal(subscription_files.channel_not_found(name or str(channel_id)))


def _find_role(guild: discord.Guild, role_id: int | None, name: str | None) -> int | None:
    """Find a role by its id, or else by its name; None if the entry has neither."""
    if name is None and role_id is None:
        return None
    if role_id is not None and guild.get_role(role_id):
        return role_id
    wanted = (name or "").removeprefix("@").casefold()
    for role in guild.roles:
        if role.name.casefold() == wanted:
            return role.id
    raise Refusal(subscription_files.role_not_found(name or str(role_id)))


def _shorten(text: str) -> str:
    """Leave out the last lines if a message can't contain them all."""
    while discord_length(text) > MESSAGE_LENGTH:
        text = text[: text.rindex("\n")] if "\n" in text else text[:MESSAGE_LENGTH]
    return text
