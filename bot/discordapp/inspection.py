"""Asks Discord about the bot's token and application, without logging in."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import aiohttp
import discord
from discord.http import HTTPClient, Route

from bot.clock import Clock
from bot.discordapp.endpoint import discord_endpoint
from bot.discordapp.permissions import INVITE_PERMISSIONS
from bot.discordapp.rejections import read_rejection
from bot.discordapp.responses import read_id, read_object
from bot.errors import DiscordError, TokenError

_TIMEOUT = aiohttp.ClientTimeout(total=20)
_MAX_NAME = 100
# https://docs.discord.com/developers/resources/application#application-object-application-flags
_PRIVILEGED = {
    "Presence": 1 << 12 | 1 << 13,
    "Server Members": 1 << 14 | 1 << 15,
    "Message Content": 1 << 18 | 1 << 19,
}


@dataclass(frozen=True, slots=True)
class Application:
    """What Discord says about the application; None where it says nothing.

    `privileged`: names of the privileged intents that are enabled. `needs_code`: an invite link
    needs a web server. `has_endpoint`: commands go to a web server instead of the bot.
    `logins_left`: how often the bot may still log in before `logins_reset` is over.
    """

    id: int
    name: str
    servers: int | None
    privileged: tuple[str, ...]
    is_public: bool
    needs_code: bool
    has_endpoint: bool
    logins_left: int | None
    logins_reset: timedelta

    @property
    def invite_link(self) -> str:
        """The address that adds the bot to a server."""
        return discord.utils.oauth_url(
            self.id, permissions=INVITE_PERMISSIONS, scopes=("bot", "applications.commands")
        )


@dataclass(frozen=True, slots=True)
class Inspection:
    """What Discord answered; `application` is a `DiscordError` if it did not say what was asked.

    `ahead` is by how much our clock is ahead of Discord's; None if that can't be known.
    """

    application: Application | DiscordError
    ahead: timedelta | None


async def inspect_discord(token: str, api_url: str | None, clock: Clock) -> Inspection:
    """Ask Discord, or the server at `api_url`, with at most two requests. Never raises."""
    try:
        with discord_endpoint(api_url):
            # The same header as in the requests of the bot.
            user_agent = HTTPClient(asyncio.get_running_loop()).user_agent
            headers = {"Authorization": f"Bot {token}", "User-Agent": user_agent}
            async with aiohttp.ClientSession(headers=headers, timeout=_TIMEOUT) as session:
                return await _inspect(session, Route.BASE, clock)
    except DiscordError as error:
        return Inspection(error, None)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        problem = str(error) or "no answer within 20 seconds"
        return Inspection(DiscordError(f"Discord can't be reached ({problem})"), None)


async def _inspect(session: aiohttp.ClientSession, base: str, clock: Clock) -> Inspection:
    began = clock.now()
    async with session.get(f"{base}/applications/@me", allow_redirects=False) as response:
        status, body = response.status, await response.read()
        ahead = _ahead(response.headers, began + (clock.now() - began) / 2)
    if status == HTTPStatus.UNAUTHORIZED:
        return Inspection(
            TokenError(
                "Discord rejected the token; copy a new one from the application's Bot page"
            ),
            ahead,
        )
    fields = read_object(body)
    application_id = read_id(fields.get("id"))
    if status != HTTPStatus.OK or application_id is None:
        problem = read_rejection(body, status).text
        return Inspection(DiscordError(f"Discord gave no usable answer ({problem})"), ahead)
    async with session.get(f"{base}/gateway/bot", allow_redirects=False) as response:
        limit = read_object(await response.read()).get("session_start_limit")
    return Inspection(
        _read_application(application_id, fields, limit if isinstance(limit, dict) else {}), ahead
    )


def _read_application(
    application_id: int, fields: Mapping[str, object], logins: Mapping[str, object]
) -> Application:
    flags = fields.get("flags")
    enabled = flags if isinstance(flags, int) else 0
    servers, left = fields.get("approximate_guild_count"), logins.get("remaining")
    reset = logins.get("reset_after")
    return Application(
        id=application_id,
        name=str(fields.get("name", ""))[:_MAX_NAME],
        servers=servers if isinstance(servers, int) else None,
        privileged=tuple(name for name, bits in _PRIVILEGED.items() if enabled & bits),
        is_public=fields.get("bot_public") is not False,
        needs_code=fields.get("bot_require_code_grant") is True,
        has_endpoint=bool(fields.get("interactions_endpoint_url")),
        logins_left=left if isinstance(left, int) else None,
        logins_reset=timedelta(milliseconds=reset if isinstance(reset, int) else 0),
    )


def _ahead(headers: Mapping[str, str], ours: datetime) -> timedelta | None:
    """By how much a time is ahead of that of a response, which has no fractions of seconds."""
    try:
        theirs = parsedate_to_datetime(headers.get("Date", ""))
    except ValueError:
        return None
    if theirs.tzinfo is None:
        return None
    return ours - theirs - timedelta(seconds=0.5)
