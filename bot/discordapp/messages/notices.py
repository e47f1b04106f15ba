"""Messages that the bot sends to a server's admins unasked, with markdown."""

from bot.discordapp.messages.reasons import describe_reason
from storage.reasons import PermissionsMissing, Reason


def describe_closed_channel(guild_name: str, channel_id: int, cause: Reason) -> str:
    """A message to admins that the bot can't post in a channel. `guild_name` is markdown."""
    where = f"<#{channel_id}> on **{guild_name}**"
    waiting = "Stories wait and are posted automatically once I can post there again."
    if isinstance(cause, PermissionsMissing):
        names = ", ".join(cause.permissions)
        return f"I can't post in {where}. Please grant me **{names}** in that channel. {waiting}"
    return f"I can't post in {where} ({describe_reason(cause)}). {waiting}"
