"""`/subscriptions`: the group, with the check of rights that all of its commands share."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.discordapp.client import answer_privately
from bot.discordapp.subscriptions.access import Refusal, check_access
from bot.discordapp.subscriptions.completing import Completions
from bot.discordapp.subscriptions.editing import add_editing
from bot.discordapp.subscriptions.editor.conversation import Editor
from bot.discordapp.subscriptions.office import Office
from bot.discordapp.subscriptions.reports import add_reports
from bot.discordapp.subscriptions.sharing import add_sharing


class SubscriptionCommands(app_commands.Group):
    """The admins' commands: what arrives where. The right is checked on our side, too.

    Discord's own check (`default_permissions`) can be overridden in a server's settings.
    """

    def __init__(self, office: Office, editor: Editor) -> None:
        super().__init__(
            name="subscriptions",
            description="Which stories arrive where (for those who manage the server)",
            guild_only=True,
            default_permissions=discord.Permissions(manage_guild=True),
        )
        self._office = office
        completions = Completions(office)
        add_editing(self, office, editor, completions)
        add_reports(self, office, completions)
        add_sharing(self, office)

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Refuse whoever may not decide here."""
        await check_access(interaction, self._office.store)
        return True

    async def on_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        """Answer what was refused; the rest is told by the command tree."""
        if isinstance(error, Refusal):
            await answer_privately(interaction, str(error))
