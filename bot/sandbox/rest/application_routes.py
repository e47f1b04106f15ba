"""Who the bot is, where its gateway is, and what it may ask of people."""

from bot.sandbox import errors
from bot.sandbox.gateway.connections import Gateway
from bot.sandbox.model import payloads
from bot.sandbox.model.entities import Json
from bot.sandbox.model.field_validation import Form
from bot.sandbox.model.world import World
from bot.sandbox.rest.routing import Answer, ApiRequest, Route

_SESSIONS_PER_DAY = 1000


def routes(world: World, gateway: Gateway) -> list[Route]:
    """The routes of this area."""

    def own_user(_: ApiRequest) -> Answer:
        return Answer(payloads.own_user(world.bot))

    def application(_: ApiRequest) -> Answer:
        people = [user for user in world.users.values() if not user.bot]
        owner = people[0] if people else world.bot
        return Answer(payloads.application(world.bot, owner, len(world.guilds)))

    def gateway_bot(_: ApiRequest) -> Answer:
        limits: Json = {
            "total": _SESSIONS_PER_DAY,
            "remaining": max(0, _SESSIONS_PER_DAY - gateway.identifies),
            "reset_after": 86_400_000,
            "max_concurrency": 1,
        }
        return Answer({"url": gateway.url, "shards": 1, "session_start_limit": limits})

    def direct_channel(request: ApiRequest) -> Answer:
        form = Form()
        recipient = str(request.fields.get("recipient_id") or "")
        if not recipient.isdecimal():
            form.missing(("recipient_id",))
        form.raise_problems()
        user = world.users.get(int(recipient))
        if user is None:
            raise errors.unknown_user()
        if user.bot:
            raise errors.cannot_message_user()
        return Answer(payloads.channel(world, world.direct_channel(user.id)))

    return [
        Route("GET", "/users/@me", own_user),
        Route("GET", "/oauth2/applications/@me", application),
        Route("GET", "/gateway/bot", gateway_bot),
        Route("POST", "/users/@me/channels", direct_channel),
    ]
