"""What a server's admins are sent without having asked."""

from __future__ import annotations

from bot.discordapp.messages.reasons import describe_reason
from storage.reasons import PermissionsMissing, Reason


def describe_closed_channel(guild_name: str, channel_id: int, cause: Reason) -> str:
    """A message saying that a channel can't be posted in. `guild_name` is markdown."""
    if isinstance(cause, PermissionsMissing):
        remedy = f"Please grant me **{', '.join(cause.permissions)}** there"
    else:
        remedy = f"({describe_reason(cause)})"
    return (
        f"I can't post in <#{channel_id}> of **{guild_name}**. {remedy}; the stories wait until I"
        " can, and then come by themselves."
    )
