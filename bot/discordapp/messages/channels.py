"""Whether the bot can post in a channel, with markdown."""

from collections.abc import Sequence

from bot.discordapp.messages.reasons import describe_reason
from storage.reasons import PermissionsMissing, Reason

INVISIBLE = "❌ I can't see this channel. Grant me **View Channel** there if it still exists."


def describe_permissions(missing: Sequence[str]) -> str:
    """A line about the permissions that the bot lacks in a channel, if any."""
    if missing:
        return f"❌ Missing permissions: **{', '.join(missing)}** (Edit Channel → Permissions)"
    return "✅ I have all the permissions I need"


def describe_closed_channel(guild_name: str, channel_id: int, cause: Reason) -> str:
    """A message to admins that the bot can't post in a channel. `guild_name` is markdown."""
    where = f"<#{channel_id}> on **{guild_name}**"
    waiting = "Stories wait and are posted automatically once I can post there again."
    if isinstance(cause, PermissionsMissing):
        names = ", ".join(cause.permissions)
        return f"I can't post in {where}. Please grant me **{names}** in that channel. {waiting}"
    return f"I can't post in {where} ({describe_reason(cause)}). {waiting}"
