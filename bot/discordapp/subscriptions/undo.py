"""The button that undoes a removal within an hour."""

import re

import discord

from bot.discordapp.components import ComponentKind, Use
from bot.discordapp.interactions import Interaction, Refusal, errors_answered, server_of
from bot.discordapp.messages import subscription_refusals as refusals
from bot.discordapp.messages.subscription_confirmations import UNDO
from bot.discordapp.rendering.page import persistent_view
from bot.discordapp.replies import reply_to
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


def undo_button(actions: SubscriptionActions, access: AccessStore) -> ComponentKind:
    """Answer the button."""

    async def answer(interaction: Interaction, use: Use) -> None:
        async with errors_answered(interaction, not_found=refusals.NOT_FOUND):
            await check_access(interaction, access)
            if (found := _UNDO.fullmatch(use.custom_id)) is None:
                raise Refusal(refusals.UNKNOWN_BUTTON)
            guild = server_of(interaction)
            restored = await actions.restore(guild, int(found["subscription"]))
            text = await confirm_restored_in(guild, restored)
            await reply_to(interaction).change(content=text, view=None)

    return ComponentKind(re.compile(r"subs:undo:(?s:.*)"), answer, for_admins=True)
