"""discord.py without its pauses; its requests are unchanged."""

from typing import Any

import discord
import pytest
from discord.backoff import ExponentialBackoff

# For a client: the library would wait 2 s for more servers, and keep 1,000 messages.
QUICK_START: dict[str, Any] = {"guild_ready_timeout": 0.01, "max_messages": None}


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make clients reconnect at once, instead of after some seconds."""

    async def identify_at_once(
        client: discord.Client, shard_id: int | None, *, initial: bool = False
    ) -> None:
        pass

    # Random seconds before it reconnects, and 5 s before it identifies again.
    monkeypatch.setattr(ExponentialBackoff, "delay", lambda _: 0.01)
    monkeypatch.setattr(discord.Client, "before_identify_hook", identify_at_once)
