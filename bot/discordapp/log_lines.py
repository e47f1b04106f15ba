"""Errors of Discord and of the network as one line of the log."""

import discord

_LENGTH = 300


def one_line(error: BaseException) -> str:
    """The text of an error on one line of limited length, with its type if it is not Discord's."""
    text = str(error)
    if not isinstance(error, discord.HTTPException | discord.RateLimited):
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    line = " ".join(text.split())
    return line if len(line) <= _LENGTH else line[: _LENGTH - 1] + "…"
