"""Which server discord.py talks to."""

import pytest
from discord.http import Route

from bot.discordapp.endpoint import discord_endpoint
from bot.errors import DiscordError


@pytest.mark.parametrize(
    "address",
    [
        "https://discord.example/api/v10",
        "http://127.0.0.1:9/api/v10",
        "http://localhost/api",
        "http://[::1]:9/api",
    ],
)
def test_an_address_is_used_while_the_context_lasts(address: str) -> None:
    """And put back afterwards."""
    before = Route.BASE
    with discord_endpoint(address + "/"):
        assert address == Route.BASE
    assert before == Route.BASE


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://discord.example/api/v10", "unencrypted"),
        ("http://127.0.0.1.example/api/v10", "unencrypted"),
        ("ftp://127.0.0.1/api", "not the address of a Discord API"),
        ("discord", "not the address of a Discord API"),
        ("https://", "not the address of a Discord API"),
    ],
)
def test_an_address_that_would_give_the_token_away_is_refused(address: str, words: str) -> None:
    """Plain http only to this machine."""
    with pytest.raises(DiscordError, match=words), discord_endpoint(address):
        pass


def test_no_address_means_discord() -> None:
    """Nothing is changed."""
    before = Route.BASE
    with discord_endpoint(None):
        assert before == Route.BASE
