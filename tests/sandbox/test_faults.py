import asyncio
from collections.abc import Callable
from datetime import timedelta

import aiohttp
import discord
import pytest
from aiohttp import web

from bot.sandbox import (
    Hold,
    Invalid,
    Permission,
    RateLimited,
    RateOptions,
    Reset,
    Sandbox,
    SandboxOptions,
    Slow,
    Status,
)
from bot.sandbox.model.entities import Json
from bot.sandbox.options import SEND_MESSAGE
from bot.sandbox.rest.rate_limits import Scope
from tests.sandbox.support import NewsBot, Rest, RunBot
from tests.support.clock import FakeClock
from tests.support.sandbox import checked_sandbox

ONLY_SENDING = RateOptions(routes={SEND_MESSAGE: (2, 5.0)}, global_per_second=None)


def sent(sandbox: Sandbox) -> int:
    """Return the number of messages in #news."""
    return len(sandbox.world.log(sandbox.world.find_channel("news").id))


@pytest.mark.parametrize(("after_commit", "messages"), [(False, 0), (True, 1)])
async def test_503_can_come_before_or_after_the_commit(
    sandbox: Sandbox, bot: NewsBot, after_commit: bool, messages: int
) -> None:
    """The sender sees the same, but the channel differs. The next request works."""
    channel = bot.get_partial_messageable(sandbox.world.find_channel("news").id)
    sandbox.faults.plan(Status(503, after_commit=after_commit), route=SEND_MESSAGE)
    with pytest.raises(discord.DiscordServerError):
        await channel.send("story", nonce="n")
    assert sent(sandbox) == messages
    await channel.send("story", nonce="n")
    assert sent(sandbox) == 1


async def test_reset_after_the_commit_breaks_the_connection(sandbox: Sandbox, bot: NewsBot) -> None:
    """The library raises without a retry; the nonce finds the message."""
    channel = bot.get_partial_messageable(sandbox.world.find_channel("news").id)
    sandbox.faults.plan(Reset())
    with pytest.raises(aiohttp.ClientError):
        await channel.send("story", nonce="n")
    assert sent(sandbox) == 1
    await channel.send("story", nonce="n")
    assert sent(sandbox) == 1
    assert [record.status for record in sandbox.requests][-2:] == [0, 200]


async def test_reset_before_the_commit_sends_nothing(sandbox: Sandbox, bot: NewsBot) -> None:
    """The connection breaks and the channel stays empty."""
    channel = bot.get_partial_messageable(sandbox.world.find_channel("news").id)
    sandbox.faults.plan(Reset(after_commit=False))
    with pytest.raises(aiohttp.ClientError):
        await channel.send("story")
    assert sent(sandbox) == 0


async def test_invalid_fields_are_named(sandbox: Sandbox, rest: Rest) -> None:
    """Only those that the request contains; a request without them is not affected."""
    news = sandbox.world.find_channel("news").id
    fields = ("embeds.0.image.url", "components.0.components.1.url")
    sandbox.faults.plan(Invalid(fields), route=SEND_MESSAGE, times=None)
    image = {"url": "https://news.example/picture.png"}
    status, body = await rest.send(news, embeds=[{"title": "t", "image": image}])
    problem = {"code": "URL_TYPE_INVALID_URL", "message": "Not a well formed URL."}
    assert (status, body) == (
        400,
        {
            "code": 50035,
            "message": "Invalid Form Body",
            "errors": {"embeds": {"0": {"image": {"url": {"_errors": [problem]}}}}},
        },
    )
    assert sent(sandbox) == 0
    assert (await rest.send(news, embeds=[{"title": "t"}]))[0] == 200
    assert sent(sandbox) == 1


async def test_a_response_may_be_no_json(sandbox: Sandbox, rest: Rest) -> None:
    """It is from a proxy between the bot and Discord."""
    sandbox.faults.plan(Status(400, body="<html>Bad Request</html>"), route=SEND_MESSAGE)
    assert await rest.send(sandbox.world.find_channel("news").id, content="x") == (400, None)
    assert rest.raw == b"<html>Bad Request</html>"


async def test_held_response_waits_for_its_release(sandbox: Sandbox, bot: NewsBot) -> None:
    """The message exists while the sender is still waiting."""
    release = asyncio.Event()
    news = sandbox.world.find_channel("news").id
    sandbox.faults.plan(Hold(release), route=SEND_MESSAGE)
    sending = asyncio.create_task(bot.get_partial_messageable(news).send("story"))
    await sandbox.wait_for_message(news)
    assert not sending.done()
    release.set()
    await sending


async def test_fault_applies_to_its_route_and_count(sandbox: Sandbox, rest: Rest) -> None:
    """A fault applies to its route only, and as often as planned."""
    news = sandbox.world.find_channel("news").id
    sandbox.faults.plan(Slow(0.001), route="GET /users/@me")
    sandbox.faults.plan(Status(500), route=SEND_MESSAGE, times=2)
    statuses = [(await rest.send(news, content="x"))[0] for _ in range(3)]
    assert statuses == [500, 500, 200]
    assert (await rest.call("GET", "/users/@me"))[0] == 200
    sandbox.faults.plan(Status(500), times=None)
    assert (await rest.call("GET", "/gateway/bot"))[0] == 500
    sandbox.faults.clear()
    assert (await rest.call("GET", "/gateway/bot"))[0] == 200


async def test_library_waits_after_a_429(sandbox: Sandbox, bot: NewsBot) -> None:
    """The body, `Via` and the headers make discord.py retry."""
    channel = bot.get_partial_messageable(sandbox.world.find_channel("news").id)
    for scope in Scope:
        sandbox.faults.plan(RateLimited(0.01, scope))
        await channel.send("story")
    assert sent(sandbox) == 2


async def test_long_429_raises_with_a_timeout(sandbox: Sandbox, run_bot: RunBot) -> None:
    """With `max_ratelimit_timeout` the library does not hang."""
    client = NewsBot(max_ratelimit_timeout=30.0)
    async with run_bot(sandbox, client):
        channel = client.get_partial_messageable(sandbox.world.find_channel("news").id)
        sandbox.faults.plan(RateLimited(3600))
        with pytest.raises(discord.RateLimited):
            await channel.send("story")


async def test_bot_resumes_after_an_outage(sandbox: Sandbox, bot: NewsBot) -> None:
    """REST fails and the gateway refuses; the library resumes when the outage is over."""
    bot.seen.clear()
    channel = bot.get_partial_messageable(sandbox.world.find_channel("news").id)
    async with sandbox.faults.outage():
        with pytest.raises(discord.DiscordServerError):
            await channel.send("story")
        await sandbox.wait_until(lambda: not sandbox.gateway.sessions.online)
    await bot.saw("RESUMED")
    await channel.send("story")


async def test_timed_outage_ends_on_time(sandbox: Sandbox, rest: Rest) -> None:
    """It ends by the sandbox's clock, or earlier when all faults are cleared."""
    ends: list[Callable[[], None]] = [
        lambda: sandbox.faults.move_clock(timedelta(seconds=10)),
        sandbox.faults.clear,
    ]
    for end in ends:
        sandbox.faults.begin_outage(timedelta(seconds=10))
        sandbox.faults.move_clock(timedelta(seconds=9))
        assert (await rest.call("GET", "/gateway/bot"))[0] == 503
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await rest.session.ws_connect(sandbox.gateway_url)
        end()
        assert (await rest.call("GET", "/gateway/bot"))[0] == 200


async def test_request_list_notes_simulated_faults(sandbox: Sandbox, rest: Rest) -> None:
    """A reader of the page can distinguish a fault from a mistake of the bot."""
    news = sandbox.world.find_channel("news").id
    for fault, note in (
        (Status(503), "simulated: failed"),
        (Status(503, after_commit=True), "simulated: response lost"),
        (RateLimited(1.0), "simulated: rate limited"),
        (Slow(0.001), "simulated: slow response"),
    ):
        sandbox.faults.plan(fault)
        await rest.send(news, content="x")
        assert sandbox.requests[-1].note == note
    await rest.send(news, content="x")
    assert sandbox.requests[-1].note == ""


async def test_deleted_channel_is_unknown(sandbox: Sandbox, bot: NewsBot) -> None:
    """The library raises NotFound with code 10003."""
    news = sandbox.world.find_channel("news").id
    sandbox.faults.delete_channel(news)
    with pytest.raises(discord.NotFound) as caught:
        await bot.get_partial_messageable(news).send("story")
    assert caught.value.code == 10003


async def test_buckets_count_down_and_refuse(clock: FakeClock) -> None:
    """Headers describe the bucket of a channel; another channel has its own."""
    options = SandboxOptions(rates=ONLY_SENDING, clock=clock.now)
    async with checked_sandbox(options) as sandbox, aiohttp.ClientSession() as session:
        rest = Rest(sandbox, session)
        news = sandbox.world.find_channel("news").id
        for remaining in ("1", "0"):
            assert (await rest.send(news, content="x"))[0] == 200
            assert rest.headers["X-RateLimit-Limit"] == "2"
            assert rest.headers["X-RateLimit-Remaining"] == remaining
            assert rest.headers["X-RateLimit-Reset-After"] == "5.000"
        bucket = rest.headers["X-RateLimit-Bucket"]
        clock.skip(1)
        status, answer = await rest.send(news, content="x")
        assert (status, answer["retry_after"], answer["global"]) == (429, 4.0, False)
        assert rest.headers["Via"]
        assert rest.headers["X-RateLimit-Scope"] == "user"
        assert rest.headers["X-RateLimit-Bucket"] == bucket
        other = sandbox.world.find_channel("ai").id
        assert (await rest.send(other, content="x"))[0] == 200
        assert rest.headers["X-RateLimit-Remaining"] == "1"
        clock.skip(4)
        assert (await rest.send(news, content="x"))[0] == 200
        assert sandbox.rates.invalid_requests == 1


async def test_global_limit_applies_to_all_routes(clock: FakeClock) -> None:
    """Routes that need no token in a header do not count."""
    rates = RateOptions(routes={}, global_per_second=3)
    options = SandboxOptions(rates=rates, clock=clock.now)
    async with checked_sandbox(options) as sandbox, aiohttp.ClientSession() as session:
        rest = Rest(sandbox, session)
        for _ in range(3):
            assert (await rest.call("GET", "/users/@me"))[0] == 200
        status, answer = await rest.call("GET", "/oauth2/applications/@me")
        assert (status, answer["global"], answer["retry_after"]) == (429, True, 1.0)
        assert rest.headers["X-RateLimit-Global"] == "true"
        path = "/interactions/1/token/callback"
        assert (await rest.call("POST", path, {"type": 5}))[0] == 404
        clock.skip(1)
        assert (await rest.call("GET", "/users/@me"))[0] == 200


async def test_too_many_invalid_requests_cause_a_ban(clock: FakeClock) -> None:
    """Above the limit Cloudflare responds, without `Via`, until the ten minutes are over."""
    rates = RateOptions(invalid_per_ten_minutes=3, global_per_second=None, routes={})
    options = SandboxOptions(rates=rates, clock=clock.now)
    async with checked_sandbox(options) as sandbox, aiohttp.ClientSession() as session:
        rest = Rest(sandbox, session)
        read_only = sandbox.world.find_channel("read-only").id
        for _ in range(3):
            assert (await rest.send(read_only, content="x"))[0] == 403
        assert (await rest.call("GET", "/users/@me"))[0] == 429
        assert "Via" not in rest.headers
        clock.skip(601)
        assert (await rest.call("GET", "/users/@me"))[0] == 200


async def test_library_stays_within_its_bucket(run_bot: RunBot) -> None:
    """With short buckets the library sends everything without a 429."""
    rates = RateOptions(routes={SEND_MESSAGE: (2, 0.05)}, global_per_second=None)
    client = NewsBot()
    async with checked_sandbox(SandboxOptions(rates=rates)) as limited, run_bot(limited, client):
        channel = client.get_partial_messageable(limited.world.find_channel("news").id)
        for _ in range(5):
            await channel.send("story")
        assert sent(limited) == 5
        assert limited.rates.invalid_requests == 0


async def test_moved_clock_changes_timestamps_and_ids(sandbox: Sandbox, rest: Rest) -> None:
    """Messages after the change have the new time, also in their ids."""
    news = sandbox.world.find_channel("news").id
    _, before = await rest.send(news, content="x")
    sandbox.faults.move_clock(timedelta(days=2))
    _, after = await rest.send(news, content="x")
    assert after["timestamp"][:10] > before["timestamp"][:10]
    sandbox.faults.move_clock(timedelta(days=-5))
    assert int((await rest.send(news, content="x"))[1]["id"]) > int(after["id"])


async def test_a_frame_can_be_spoiled_once(sandbox: Sandbox, bot: NewsBot) -> None:
    """The first event of that name is changed on its way to the bot, the second is not."""
    channel = sandbox.world.find_channel("news")
    known = bot.get_channel(channel.id)
    assert isinstance(known, discord.TextChannel)
    bot.seen.clear()

    def change(name: str, frame: Json) -> Json:
        assert name == "CHANNEL_UPDATE"
        return frame | {"d": frame["d"] | {"topic": "spoiled"}}

    sandbox.faults.spoil(change, "CHANNEL_UPDATE")
    sandbox.faults.revoke(channel.id, Permission.EMBED_LINKS)
    await bot.saw("CHANNEL_UPDATE")
    assert known.topic == "spoiled"
    bot.seen.clear()
    sandbox.faults.grant(channel.id, Permission.EMBED_LINKS)
    await bot.saw("CHANNEL_UPDATE")
    assert known.topic != "spoiled"


async def test_a_response_can_be_spoiled(sandbox: Sandbox, rest: Rest) -> None:
    """Its JSON is changed, or replaced by any bytes; `clear` ends that."""
    sandbox.faults.spoil(lambda _, body: {**body, "id": None}, "GET /users/@me", times=None)
    status, user = await rest.call("GET", "/users/@me")
    assert (status, user["id"], user["username"]) == (200, None, sandbox.world.bot.username)
    sandbox.faults.clear()
    sandbox.faults.spoil(lambda *_: b"[" * 3 + b"]" * 3)
    assert (await rest.call("GET", "/users/@me")) == (200, [[[]]])
    assert (await rest.call("GET", "/users/@me"))[1]["id"] == str(sandbox.world.bot.id)


async def test_headers_of_responses_can_be_spoiled(sandbox: Sandbox, rest: Rest) -> None:
    """A change gets every response, with the path of its request."""
    paths = list[str]()

    def change(name: str, path: str, response: web.Response) -> None:
        paths.append(path)
        assert name == "GET /users/@me"
        response.headers["Retry-After"] = "?"

    sandbox.faults.spoil_responses(change)
    await rest.call("GET", "/users/@me")
    assert rest.headers["Retry-After"] == "?"
    sandbox.faults.clear()
    await rest.call("GET", "/users/@me")
    assert "Retry-After" not in rest.headers
    assert paths == ["/users/@me"]
