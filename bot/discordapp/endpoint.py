"""Points discord.py at Discord, or at another server with the same API.

discord.py has no parameter for its addresses: they are class attributes, shared by the whole
process. Only this module changes them, and restores them afterwards.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.discordapp.responses import UnreadableResponseError
from bot.errors import DiscordError

DISCORD_API_URL = Route.BASE
_GATEWAY_SCHEMES = {"ws", "wss"}


@contextmanager
def discord_endpoint(api_url: str | None) -> Iterator[None]:
    """Point discord.py at a server's REST API (None: Discord's own) within the context.

    Raises `DiscordError` for an address that would send the token unencrypted over a network.
    """
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    if api_url is not None:
        Route.BASE = _checked(api_url, {"http", "https"})
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


async def use_announced_gateway(client: discord.Client) -> None:
    """Use the gateway that the server announces. The client must have logged in.

    After an invalid session even a sharded client uses the default gateway, so that default has to
    be changed. Raises one of `outcomes.FAILURES`, also for an address that can't be used.
    https://discord.com/developers/docs/events/gateway#get-gateway-bot
    """
    answer = await client.http.request(Route("GET", "/gateway/bot"))
    url = answer.get("url") if isinstance(answer, dict) else None
    if not isinstance(url, str):
        raise UnreadableResponseError("the response contains no address of a gateway")
    try:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(_checked(url, _GATEWAY_SCHEMES))
    except DiscordError as error:
        raise UnreadableResponseError(str(error)) from None


def is_discord() -> bool:
    """Whether discord.py uses Discord itself, and not another server."""
    return Route.BASE == DISCORD_API_URL


def is_gateway(address: str) -> bool:
    """Whether an address can be that of a gateway, and does not expose the token."""
    try:
        _checked(address, _GATEWAY_SCHEMES)
    except DiscordError:
        return False
    return True


def _checked(address: str, schemes: set[str]) -> str:
    try:
        url = yarl.URL(address)
    except ValueError:
        url = yarl.URL()
    if url.scheme not in schemes or not url.host:
        raise DiscordError(
            f"{address} is not the address of a Discord API, like https://example.org/api/v10"
        )
    if url.scheme in {"http", "ws"} and not _is_loopback(url.host):
        raise DiscordError(
            f"{address} would send the token unencrypted; use https, or an address of this machine"
        )
    return address.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
