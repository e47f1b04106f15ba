"""The button that undoes a removal, good for an hour. It is answered after a restart, too."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

import discord

from bot.discordapp.subscriptions.access import (
    Interaction,
    Refusal,
    check_access,
    errors_told,
    server_of,
)
from bot.discordapp.subscriptions.confirming import restored_words
from bot.discordapp.subscriptions.office import Office

_Item: TypeAlias = discord.ui.Item[Any]
DynamicItemClass: TypeAlias = type[discord.ui.DynamicItem[_Item]]

_UNDO = re.compile(r"subs:undo:(?P<subscription>[0-9]{1,18})")


def undo_view(subscription_id: int) -> discord.ui.View:
    """The button, to be sent with the news of the removal."""
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Undo", custom_id=f"subs:undo:{subscription_id}"))
    view.stop()
    return view


def undo_item(office: Office) -> DynamicItemClass:
    """The class that answers the button."""

    class UndoItem(discord.ui.DynamicItem[_Item], template=r"subs:undo:(?s:.*)"):
        """A button that brings a subscription back."""

        @classmethod
        async def from_custom_id(
            cls, _interaction: Interaction, item: _Item, _match: re.Match[str], /
        ) -> UndoItem:
            """The button as discord.py found it in the message."""
            return cls(item)

        async def callback(self, interaction: Interaction) -> None:
            """Bring it back, if it is one of this server."""
            async with errors_told(interaction):
                await _undo(interaction, office, self.custom_id)

    return UndoItem


async def _undo(interaction: Interaction, office: Office, custom_id: str) -> None:
    await check_access(interaction, office.store)
    found = _UNDO.fullmatch(custom_id)
    if found is None:
        raise Refusal("This button is from another version of me.")
    guild = server_of(interaction)
    restored = await office.restore(guild, int(found["subscription"]))
    await interaction.response.edit_message(
        content=restored_words(guild, restored),
        view=None,
        allowed_mentions=discord.AllowedMentions.none(),
    )
