"""Who owns the application: its owner, or the members of its team who may change it.

https://docs.discord.com/developers/topics/teams#team-member-roles
"""

import asyncio
import logging

import discord
from discord.http import Route

from bot.clock import Clock
from bot.discordapp.ids import parse_id
from bot.discordapp.interactions import Refusal
from bot.discordapp.malformed import MALFORMED
from bot.discordapp.messages import owner as messages
from bot.discordapp.outcomes import FAILURES
from bot.errors import one_line

logger = logging.getLogger(__name__)

# A team changes while the bot runs.
ASK_AGAIN_AFTER = 300.0
_LONGEST_ANSWER_SECONDS = 10.0
_ACCEPTED = 2
_ROLES = {"admin", "developer"}


class Owners:
    """The owners, as Discord said a few minutes ago at most, or later if it does not answer."""

    def __init__(self, client: discord.Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._ids = frozenset[int]()
        self._asked_at: float | None = None

    async def check(self, user_id: int) -> None:
        """Raise `Refusal` unless this is an owner."""
        now = self._clock.monotonic()
        if self._asked_at is None or now - self._asked_at >= ASK_AGAIN_AFTER:
            await self._ask()
        if self._asked_at is None:
            raise Refusal(messages.OWNERS_UNKNOWN)
        if user_id not in self._ids:
            raise Refusal(messages.NOT_AN_OWNER)

    async def contain(self, user_id: int) -> bool:
        """Whether this is an owner; False if Discord does not say it."""
        try:
            await self.check(user_id)
        except Refusal:
            return False
        return True

    async def _ask(self) -> None:
        route = Route("GET", "/oauth2/applications/@me")
        try:
            async with asyncio.timeout(_LONGEST_ANSWER_SECONDS):
                application: object = await self._client.http.request(route)
        except (*FAILURES, *MALFORMED, TimeoutError) as error:
            logger.warning("can't ask Discord who owns the application: %s", one_line(error))
            return
        if not (ids := owner_ids(application)):
            logger.warning("Discord's answer does not say who owns the application")
            return
        self._ids = ids
        self._asked_at = self._clock.monotonic()


def owner_ids(application: object) -> frozenset[int]:
    """The owners in Discord's description of an application; what can't be read is left out. Pure.

    A team's owner, and its members with a role that may change the application.
    """
    fields = application if isinstance(application, dict) else {}
    team = fields.get("team")
    if not isinstance(team, dict):
        return _ids([fields.get("owner")])
    listed = team.get("members")
    members = (
        [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    )
    trusted = [
        each.get("user")
        for each in members
        if each.get("membership_state") == _ACCEPTED and str(each.get("role")) in _ROLES
    ]
    return _ids([{"id": team.get("owner_user_id")}, *trusted])


def _ids(users: list[object]) -> frozenset[int]:
    found = (parse_id(str(each.get("id"))) for each in users if isinstance(each, dict))
    return frozenset(each for each in found if each is not None)
