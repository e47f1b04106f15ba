"""The buttons that undo a removal, a pause or a change within an hour.

What undoes a pause or a change is kept among the drafts of the editor, so that the button works
after a restart. A removed subscription is kept itself.
"""

import contextlib
import re
from typing import Protocol

import discord
from pydantic import TypeAdapter

from bot.clock import Clock
from bot.discordapp.components import ComponentKind, Use
from bot.discordapp.interactions import (
    Interaction,
    Refusal,
    errors_answered,
    person_of,
    server_of,
)
from bot.discordapp.messages import subscription_refusals as refusals
from bot.discordapp.messages.subscription_confirmations import UNDO
from bot.discordapp.rendering.page import persistent_view
from bot.discordapp.replies import reply_to
from bot.discordapp.subscriptions.access import check_access
from bot.discordapp.subscriptions.actions import SubscriptionActions, Undo
from bot.discordapp.subscriptions.confirmations import confirm_restored_in, confirm_undone_in
from storage.errors import NotFoundError
from storage.protocols import AccessStore, EditorDraftStore

_REMOVAL = re.compile(r"subs:undo:(?P<subscription>[0-9]{1,18})")
_CHANGE = re.compile(r"subs:undo:change:(?P<draft>[0-9]{1,18})")
_UNDO = TypeAdapter(Undo)


class UndoStore(EditorDraftStore, AccessStore, Protocol):
    """What the buttons need of a store."""


def undo_removal_view(subscription_id: int) -> discord.ui.View:
    """A view with the button, for the confirmation of a removal."""
    return _view(f"subs:undo:{subscription_id}")


async def undo_change_view(
    store: EditorDraftStore, interaction: Interaction, undo: Undo, clock: Clock
) -> discord.ui.View:
    """A view with the button, for the confirmation of a pause or a change; stores `undo`."""
    guild_id, person_id = server_of(interaction).id, interaction.user.id
    draft_id = await store.save_draft(guild_id, person_id, encode_undo(undo), clock.now())
    return _view(f"subs:undo:change:{draft_id}")


def _view(custom_id: str) -> discord.ui.View:
    return persistent_view([discord.ui.Button[discord.ui.View](label=UNDO, custom_id=custom_id)])


def undo_button(actions: SubscriptionActions, store: UndoStore) -> ComponentKind:
    """Answer the buttons."""

    async def answer(interaction: Interaction, use: Use) -> None:
        async with errors_answered(interaction, not_found=refusals.NOT_FOUND):
            await check_access(interaction, store)
            guild = server_of(interaction)
            if found := _REMOVAL.fullmatch(use.custom_id):
                restored = await actions.restore(guild, int(found["subscription"]))
                text = await confirm_restored_in(guild, restored)
            elif found := _CHANGE.fullmatch(use.custom_id):
                draft_id = int(found["draft"])
                undo = await _load(store, guild.id, draft_id)
                undone = await actions.undo(guild, person_of(interaction), undo)
                await store.remove_draft(guild.id, draft_id)
                text = await confirm_undone_in(guild, undone)
            else:
                raise Refusal(refusals.UNKNOWN_BUTTON)
            await reply_to(interaction).change(content=text, view=None)

    return ComponentKind(re.compile(r"subs:undo:(?s:.*)"), answer, for_admins=True)


async def _load(store: EditorDraftStore, guild_id: int, draft_id: int) -> Undo:
    """Raises `Refusal` if there is none, or none that this version can read."""
    with contextlib.suppress(NotFoundError):
        if undo := decode_undo(await store.get_draft(guild_id, draft_id)):
            return undo
    raise Refusal(refusals.CANNOT_UNDO_CHANGE)


def encode_undo(undo: Undo) -> str:
    """Encode it for the store."""
    return _UNDO.dump_json(undo).decode()


def decode_undo(content: str) -> Undo | None:
    """Decode it; None if it is invalid, such as one that a later version wrote."""
    try:
        return _UNDO.validate_json(content)
    except ValueError:
        return None
