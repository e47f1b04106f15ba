"""The server that discord.py connects to."""

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
def test_an_address_is_used_within_the_context(address: str) -> None:
    """The original address is restored afterwards."""
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
def test_an_unencrypted_address_is_refused(address: str, words: str) -> None:
    """Plain http is accepted for this machine only."""
    with pytest.raises(DiscordError, match=words), discord_endpoint(address):
        pass


def test_no_address_means_discord() -> None:
    before = Route.BASE
    with discord_endpoint(None):
        assert before == Route.BASE
