"""The button that undoes a removal within an hour."""

import re

import discord

from bot.discordapp.interactions import (
    Interaction,
    Item,
    PersistentItem,
    Refusal,
    errors_answered,
    persistent_item,
    server_of,
)
from bot.discordapp.messages import subscription_refusals as refusals
from bot.discordapp.messages.subscription_confirmations import UNDO
from bot.discordapp.rendering.page import persistent_view
from bot.discordapp.subscriptions.access import check_access
from bot.discordapp.subscriptions.actions import SubscriptionActions
from bot.discordapp.subscriptions.confirmations import confirm_restored_in
from storage.protocols import AccessStore

_UNDO = re.compile(r"subs:undo:(?P<subscription>[0-9]{1,18})")


def undo_view(subscription_id: int) -> discord.ui.View:
    """A view with the button, for the confirmation of the removal."""
    button = discord.ui.Button[discord.ui.View](
        label=UNDO, custom_id=f"subs:undo:{subscription_id}"
    )
    return persistent_view([button])


def undo_item(actions: SubscriptionActions, access: AccessStore) -> PersistentItem:
    """The class that answers the button."""

    async def answer(interaction: Interaction, _item: Item, match: re.Match[str]) -> None:
        async with errors_answered(interaction, not_found=refusals.NOT_FOUND):
            await check_access(interaction, access)
            if (found := _UNDO.fullmatch(match.string)) is None:
                raise Refusal(refusals.UNKNOWN_BUTTON)
            guild = server_of(interaction)
            restored = await actions.restore(guild, int(found["subscription"]))
            await interaction.response.edit_message(
                content=await confirm_restored_in(guild, restored),
                view=None,
                allowed_mentions=discord.AllowedMentions.none(),
            )

    return persistent_item(r"subs:undo:(?s:.*)", answer)
