"""Whether the bot can post in a channel, with markdown."""

from collections.abc import Sequence

from bot.discordapp.messages.reasons import describe_reason
from storage.reasons import PermissionsMissing, Reason

INVISIBLE = "❌ this channel is gone, or I can't see it: grant me **View Channel** there"


def describe_permissions(missing: Sequence[str]) -> str:
    """A line about the permissions that the bot lacks in a channel, if any."""
    if missing:
        return f"❌ missing: **{', '.join(missing)}** (Edit Channel → Permissions)"
    return "✅ I have every permission that I need there"


def describe_closed_channel(guild_name: str, channel_id: int, cause: Reason) -> str:
    """A message to admins that a channel can't be posted in. `guild_name` is markdown."""
    if isinstance(cause, PermissionsMissing):
        remedy = f"Please grant me **{', '.join(cause.permissions)}** there"
    else:
        remedy = f"({describe_reason(cause)})"
    return (
        f"I can't post in <#{channel_id}> of **{guild_name}**. {remedy}; the stories wait until I"
        " can, and then come by themselves."
    )
