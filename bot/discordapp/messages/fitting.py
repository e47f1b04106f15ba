"""Fits lists into Discord's limits."""

from collections.abc import Sequence

from bot.discordapp.markdown import discord_length

# A message may have 2000 characters: https://discord.com/developers/docs/resources/message#create-message
MESSAGE_LENGTH = 1900


def fit_entries(entries: Sequence[str], limit: int) -> str:
    """As many entries as fit, one below the other, and how many more there are."""
    shown: list[str] = []
    length = 0
    for index, entry in enumerate(entries):
        length += discord_length(entry) + 1
        if length > limit:
            shown.append(f"… and {len(entries) - index} more")
            break
        shown.append(entry)
    return "\n".join(shown)
