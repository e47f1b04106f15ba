from datetime import timedelta

import aiohttp
import discord
import pytest

from bot.sandbox import Permission, Sandbox, SandboxOptions
from bot.sandbox.model.entities import ChannelType, OverwriteType
from bot.sandbox.model.snowflakes import floor, moment_of
from tests.sandbox.support import NewsBot, Rest
from tests.support.clock import FakeClock


def error(answer: object) -> tuple[object, object]:
    """Return the code and the message of an error body."""
    assert isinstance(answer, dict)
    return answer["code"], answer["message"]


async def test_wrong_token_is_unauthorized(rest: Rest) -> None:
    """The response is 401 with Discord's body."""
    status, answer = await rest.call("GET", "/users/@me", token="wrong")
    assert (status, answer) == (401, {"message": "401: Unauthorized", "code": 0})


async def test_unknown_channels_and_messages_have_their_codes(sandbox: Sandbox, rest: Rest) -> None:
    """Every method returns 10003 or 10008."""
    news = sandbox.world.find_channel("news").id
    assert error((await rest.send(1, content="x"))[1]) == (10003, "Unknown Channel")
    for method, body in (("GET", None), ("PATCH", {"content": "x"}), ("DELETE", None)):
        status, answer = await rest.call(method, f"/channels/{news}/messages/5", body)
        assert (status, *error(answer)) == (404, 10008, "Unknown Message")


@pytest.mark.parametrize(
    ("denied", "status", "code"),
    [
        (Permission.VIEW_CHANNEL, 403, 50001),
        (Permission.SEND_MESSAGES, 403, 50013),
        (Permission.EMBED_LINKS, 403, 50013),
    ],
)
async def test_missing_permission_refuses_an_embed(
    sandbox: Sandbox, rest: Rest, denied: Permission, status: int, code: int
) -> None:
    """View Channel gives 50001, the others 50013; granting it again allows the embed."""
    news = sandbox.world.find_channel("news").id
    sandbox.faults.revoke(news, denied)
    found, answer = await rest.send(news, embeds=[{"title": "A story"}])
    assert (found, answer["code"]) == (status, code)
    sandbox.faults.grant(news, denied)
    assert (await rest.send(news, embeds=[{"title": "A story"}]))[0] == 200


async def test_without_embed_links_only_text_is_shown(sandbox: Sandbox, rest: Rest) -> None:
    """Embeds beside text are dropped without an error; an edit to embeds only is empty."""
    news = sandbox.world.find_channel("news").id
    sandbox.faults.revoke(news, Permission.EMBED_LINKS)
    status, sent = await rest.send(news, content="text", embeds=[{"title": "A story"}])
    assert (status, sent["content"], sent["embeds"]) == (200, "text", [])
    status, answer = await rest.call(
        "PATCH",
        f"/channels/{news}/messages/{sent['id']}",
        {"content": None, "embeds": [{"title": "x"}]},
    )
    assert (status, answer["code"]) == (400, 50006)


async def test_history_is_empty_without_the_permission(sandbox: Sandbox, rest: Rest) -> None:
    """The status is 200, so an empty history does not mean that nothing was sent."""
    news = sandbox.world.find_channel("news").id
    await rest.send(news, content="here")
    sandbox.faults.revoke(news, Permission.READ_MESSAGE_HISTORY)
    assert await rest.call("GET", f"/channels/{news}/messages") == (200, [])


async def test_read_only_channel_refuses_messages(sandbox: Sandbox, rest: Rest) -> None:
    """The seeded world has a channel that returns 50013."""
    channel = sandbox.world.find_channel("read-only").id
    status, answer = await rest.send(channel, content="x")
    assert (status, *error(answer)) == (403, 50013, "Missing Permissions")


async def test_messages_of_others_are_protected(sandbox: Sandbox, rest: Rest) -> None:
    """Editing gives 50005, deleting 50013; with Manage Messages deleting works."""
    news = sandbox.world.find_channel("news").id
    theirs = await sandbox.person("Max").say(news, "hello")
    path = f"/channels/{news}/messages/{theirs.id}"
    assert (await rest.call("PATCH", path, {"content": "x"}))[1]["code"] == 50005
    assert (await rest.call("DELETE", path))[1]["code"] == 50013
    sandbox.world.set_overwrite(
        news, sandbox.world.bot.id, OverwriteType.MEMBER, allow=Permission.MANAGE_MESSAGES
    )
    assert (await rest.call("DELETE", path))[0] == 204


async def test_content_of_others_is_hidden_without_the_intent(sandbox: Sandbox, rest: Rest) -> None:
    """A bot sees the content of its own messages, but not of other people's."""
    news = sandbox.world.find_channel("news").id
    await sandbox.person("Max").say(news, "secret")
    await rest.send(news, content="mine", nonce="1")
    _, found = await rest.call("GET", f"/channels/{news}/messages")
    assert [each["content"] for each in found] == ["mine", ""]
    assert "nonce" not in found[0]


async def test_category_refuses_messages(sandbox: Sandbox, rest: Rest) -> None:
    """Channels that can't contain messages return 50008."""
    guild = next(iter(sandbox.world.guilds))
    forum = sandbox.world.add_channel(guild, "forum", ChannelType.FORUM)
    assert (await rest.send(forum.id, content="x"))[1]["code"] == 50008


async def test_history_pages_by_before_after_and_around(sandbox: Sandbox, rest: Rest) -> None:
    """Messages are ordered by id, newest first, and a page never exceeds its limit."""
    news = sandbox.world.find_channel("news").id
    ids = [(await rest.send(news, content=str(n)))[1]["id"] for n in range(10)]

    async def page(query: str) -> list[str]:
        _, found = await rest.call("GET", f"/channels/{news}/messages?{query}")
        return [each["content"] for each in found]

    assert await page("limit=3") == ["9", "8", "7"]
    assert await page(f"limit=2&before={ids[5]}") == ["4", "3"]
    assert await page(f"limit=2&after={ids[5]}") == ["7", "6"]
    assert await page(f"limit=3&around={ids[5]}") == ["6", "5", "4"]
    status, answer = await rest.call("GET", f"/channels/{news}/messages?limit=101")
    assert (status, answer["code"]) == (400, 50035)
    sandbox.violations.clear()  # the description forbids that limit as well


def test_ids_contain_their_time(clock: FakeClock) -> None:
    """A time gives the smallest id of its millisecond, and an id gives its time."""
    assert moment_of(floor(clock.now())) == clock.now()
    assert moment_of(floor(clock.now()) + 5) == clock.now()


async def test_library_searches_history_by_time(sandbox: Sandbox, bot: NewsBot) -> None:
    """`after=` with a time returns later messages."""
    news = sandbox.world.find_channel("news").id
    channel = bot.get_partial_messageable(news)
    await channel.send("old")
    sandbox.faults.move_clock(timedelta(hours=1))
    await channel.send("new")
    since = sandbox.clock() - timedelta(minutes=10)
    assert [m.content async for m in channel.history(after=since)] == ["new"]


async def test_repeated_nonce_returns_the_first_message(sandbox: Sandbox, bot: NewsBot) -> None:
    """There is one message within the window, and two after it or without enforcing."""
    news = sandbox.world.find_channel("news")
    channel = bot.get_partial_messageable(news.id)
    first = await channel.send("story", nonce="n1")
    again = await channel.send("story", nonce="n1")
    assert again.id == first.id
    assert len(sandbox.world.log(news.id)) == 1
    elsewhere = bot.get_partial_messageable(sandbox.world.find_channel("ai").id)
    assert (await elsewhere.send("story", nonce="n1")).id == first.id
    sandbox.faults.move_clock(timedelta(minutes=6))
    assert (await channel.send("story", nonce="n1")).id != first.id


async def test_nonce_without_enforcing_sends_again(sandbox: Sandbox, rest: Rest) -> None:
    """Only `enforce_nonce` deduplicates; the response repeats the nonce."""
    news = sandbox.world.find_channel("news").id
    first, second = [(await rest.send(news, content="x", nonce="n"))[1] for _ in range(2)]
    assert first["id"] != second["id"]
    assert first["nonce"] == "n"


async def test_mentions_follow_allowed_mentions(sandbox: Sandbox, rest: Rest) -> None:
    """Everybody who is mentioned is notified unless `allowed_mentions` restricts it."""
    news = sandbox.world.find_channel("news")
    guild = sandbox.world.guilds[news.guild_id or 0]
    role = next(each for each in guild.roles.values() if each.name == "Readers")
    ada = sandbox.world.find_user("Ada").id
    content = f"<@{ada}> <@&{role.id}> @everyone"
    _, sent = await rest.send(news.id, content=content)
    assert [each["id"] for each in sent["mentions"]] == [str(ada)]
    assert (sent["mention_roles"], sent["mention_everyone"]) == ([str(role.id)], True)
    allowed = {"parse": [], "roles": [str(role.id)]}
    _, sent = await rest.send(news.id, content=content, allowed_mentions=allowed)
    assert (sent["mentions"], sent["mention_roles"]) == ([], [str(role.id)])
    assert sent["mention_everyone"] is False


async def test_file_with_an_embed_is_sent_as_multipart(sandbox: Sandbox, bot: NewsBot) -> None:
    """`payload_json` comes beside a file, whose name and size are kept."""
    news = sandbox.world.find_channel("news").id
    file = discord.File(__file__, filename="story.txt")
    sent = await bot.get_partial_messageable(news).send("with file", file=file)
    assert [each.filename for each in sent.attachments] == ["story.txt"]
    assert sent.attachments[0].size > 100
    edited = await sent.edit(attachments=[])
    assert edited.attachments == []


async def test_reply_references_its_message(sandbox: Sandbox, bot: NewsBot) -> None:
    """A reply contains its reference; a reply to a missing message is refused."""
    news = sandbox.world.find_channel("news").id
    channel = bot.get_partial_messageable(news)
    first = await channel.send("first")
    assert (await first.reply("second")).reference is not None
    await first.delete()
    with pytest.raises(discord.HTTPException, match="Unknown message"):
        await first.reply("third")


async def test_direct_message_reaches_a_person_only(sandbox: Sandbox, rest: Rest) -> None:
    """The channel is created once; a bot (50007) and an unknown user (10013) have none."""
    ada = sandbox.world.find_user("Ada")
    opened = [
        (await rest.call("POST", "/users/@me/channels", {"recipient_id": str(ada.id)}))[1]
        for _ in range(2)
    ]
    assert opened[0] == opened[1]
    assert (await rest.send(int(opened[0]["id"]), content="psst"))[0] == 200
    assert [m.content for m in sandbox.person("Ada").messages(int(opened[0]["id"]))] == ["psst"]
    for recipient, code in ((sandbox.world.bot.id, 50007), (7, 10013)):
        _, answer = await rest.call("POST", "/users/@me/channels", {"recipient_id": str(recipient)})
        assert answer["code"] == code


@pytest.mark.parametrize("body", [b"{", b'{"content": "\\ud800"}'])
async def test_invalid_json_is_refused(sandbox: Sandbox, rest: Rest, body: bytes) -> None:
    """The code is 50109; half a surrogate pair is invalid, too."""
    news = sandbox.world.find_channel("news").id
    async with rest.session.post(
        f"{sandbox.api_url}/channels/{news}/messages",
        data=body,
        headers={"Authorization": f"Bot {sandbox.token}", "Content-Type": "application/json"},
    ) as response:
        assert (response.status, (await response.json())["code"]) == (400, 50109)


async def test_unsupported_requests_return_501() -> None:
    """Unknown routes and unsupported parts of known ones are refused and listed."""
    sandbox = Sandbox(SandboxOptions(rates=None))
    async with sandbox.serve(), aiohttp.ClientSession() as session:
        rest = Rest(sandbox, session)
        news = sandbox.world.find_channel("news").id
        assert (await rest.call("POST", f"/channels/{news}/webhooks", {"name": "x"}))[0] == 501
        assert (await rest.send(news, content="x", poll={"question": {}}))[0] == 501
        file = {"type": 13, "file": {"url": "attachment://x.txt"}}
        assert (await rest.send(news, flags=1 << 15, components=[file]))[0] == 501
        assert len(sandbox.unknown_routes) == 3
        assert sandbox.unknown_routes[0] == f"POST /channels/{news}/webhooks"


async def test_content_type_is_exactly_json(rest: Rest) -> None:
    """With a charset, discord.py would treat the body as text."""
    await rest.call("GET", "/users/@me")
    assert rest.headers["Content-Type"] == "application/json"
