"""Which server discord.py talks to: Discord, or one that speaks its API.

discord.py keeps both addresses as class attributes and offers no parameter for them; this module
is the only place that knows. Everything in the process shares
them, so they are put back at the end.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.errors import DiscordError

DISCORD_API_URL = Route.BASE


@contextmanager
def discord_endpoint(api_url: str | None) -> Iterator[None]:
    """Point discord.py at a server's REST API (None: Discord's own) while the context lasts.

    Raises `DiscordError` for an address that would send the token over a wire in the clear.
    """
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    if api_url is not None:
        Route.BASE = _checked(api_url, {"http", "https"})
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


async def ask_for_gateway(client: discord.Client) -> None:
    """Use the gateway that the server names; needs a client that has logged in.

    After an invalid session even a sharded client goes back to the default gateway, so that
    default is what has to be set. https://discord.com/developers/docs/events/gateway#get-gateway-bot
    """
    _, url, _ = await client.http.get_bot_gateway()
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(_checked(url, {"ws", "wss"}))


def _checked(address: str, schemes: set[str]) -> str:
    try:
        url = yarl.URL(address)
    except ValueError:
        url = yarl.URL()
    if url.scheme not in schemes or not url.host:
        raise DiscordError(
            f"{address} is no address of a Discord API; it looks like https://example.org/api/v10"
        )
    if url.scheme in {"http", "ws"} and not _is_loopback(url.host):
        raise DiscordError(
            f"{address} would carry the token in the clear;"
            " use https, or an address of this machine"
        )
    return address.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
