"""Stories in forums, each in a thread of its own: with the real client against the sandbox."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import discord
import pytest

from bot.announce.poster_port import (
    Accepted,
    ChannelClosed,
    Found,
    History,
    MessageGone,
    NotFound,
    Postponed,
    Unavailable,
    Unreadable,
)
from bot.discordapp.poster import REFUSAL_RETRIES, DiscordPoster
from bot.sandbox import Invalid, Permission, RateLimited, Reset, Sandbox, Status
from bot.sandbox.model.entities import Channel, ChannelType, OverwriteType
from storage.models import (
    DeliveryOptions,
    Digest,
    DigestDays,
    StoryPage,
    StoryQuery,
    Subscription,
    SubscriptionSpec,
)
from storage.posts import ChannelToRecover, ClaimedPost, Post
from storage.protocols import Store
from storage.reasons import Cause, PermissionsMissing
from tests.discordapp.support import claim, edit, make_post
from tests.support.articles import make_story
from tests.support.clock import START

SINCE = datetime.now(UTC) - timedelta(hours=1)
CREATE = "POST /channels/{channel_id}/threads"
EDIT_MESSAGE = "PATCH /channels/{channel_id}/messages/{message_id}"
CHANGE_THREAD = "PATCH /channels/{channel_id}"


@pytest.fixture
async def forum(sandbox: Sandbox, client: discord.Client) -> Channel:
    """A forum with the tags AI and Space that the client knows."""
    made = sandbox.world.add_channel(next(iter(sandbox.world.guilds)), "forum", ChannelType.FORUM)
    await client.wait_for("guild_channel_create")
    await set_tags(sandbox, client, made, "AI", "Space")
    return made


async def set_tags(
    sandbox: Sandbox, client: discord.Client, forum: Channel, *names: str, required: bool = False
) -> None:
    """Replace the tags of the forum, and wait until the client knows."""
    sandbox.world.set_forum_tags(forum.id, list(names), required=required)
    await client.wait_for("guild_channel_update")


def forum_post(sandbox: Sandbox, number: int = 1) -> Post:
    """A post for the forum."""
    return make_post(sandbox, number, "forum")


async def send(
    sandbox: Sandbox, poster: DiscordPoster, number: int = 1, title: str = "A story"
) -> Post:
    """Post a story in the forum; returns its post."""
    post = forum_post(sandbox, number)
    outcome = await poster.send(claim(post, make_story(1, title=title)))
    assert isinstance(outcome, Accepted)
    return replace(post, message_id=outcome.message_id, thread_id=outcome.thread_id)


def threads(sandbox: Sandbox) -> list[Channel]:
    """The threads of the forum, the oldest first."""
    forum = sandbox.world.find_channel("forum")
    return [each for each in sandbox.world.channels.values() if each.parent_id == forum.id]


def embed_titles(sandbox: Sandbox, thread_id: int) -> list[str]:
    """The titles of the embeds in a thread."""
    return [message.embeds[0]["title"] for message in sandbox.world.log(thread_id).all()]


@pytest.mark.usefixtures("forum")
async def test_each_story_gets_a_thread(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """Its title is the story's, and its first message is what other channels get."""
    post = await send(sandbox, poster)
    (thread,) = threads(sandbox)
    assert (thread.name, thread.id, post.message_id) == ("A story", post.thread_id, post.thread_id)
    (message,) = sandbox.world.log(thread.id).all()
    assert message.embeds[0]["title"] == "A story"
    assert post.mark in str(message.components)
    await send(sandbox, poster, 2, "Another")
    assert [each.name for each in threads(sandbox)] == ["A story", "Another"]


async def test_forum_that_was_unknown_gets_no_thread_unsearched(
    sandbox: Sandbox,
    client: discord.Client,
    poster: DiscordPoster,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The gateway reports it after the sender has relied on a nonce, so it is sent a message."""
    guild_id = next(iter(sandbox.world.guilds))
    forum = sandbox.world.add_channel(guild_id, "forum", ChannelType.FORUM)
    post = forum_post(sandbox)
    assert poster.keeps_nonces(post)
    find_stories = store.find_stories

    async def find_when_known(query: StoryQuery) -> StoryPage:
        while client.get_channel(forum.id) is None:  # noqa: ASYNC110 - discord.py has no event
            await asyncio.sleep(0)
        return await find_stories(query)

    monkeypatch.setattr(store, "find_stories", find_when_known)
    outcome = await poster.send(claim(post, make_story()))
    assert isinstance(outcome, Unavailable)
    assert not outcome.unknown
    assert threads(sandbox) == []
    assert not poster.keeps_nonces(post)


@pytest.mark.parametrize(
    ("topics", "named"),
    [(("ai", "Robots"), ["AI"]), (("Space", "AI"), ["Space", "AI"]), (("Robots",), [])],
)
async def test_topics_choose_the_tags(
    sandbox: Sandbox,
    poster: DiscordPoster,
    forum: Channel,
    topics: tuple[str, ...],
    named: list[str],
) -> None:
    """A tag that is named like one of the story's topics."""
    outcome = await poster.send(claim(forum_post(sandbox), make_story(1, topics=topics)))
    assert isinstance(outcome, Accepted)
    names = {tag.id: tag.name for tag in forum.available_tags}
    assert [names[tag] for tag in threads(sandbox)[0].applied_tags] == named


async def test_a_tag_that_is_gone_is_left_out(
    sandbox: Sandbox, poster: DiscordPoster, forum: Channel
) -> None:
    """Also if the gateway has not reported it yet."""
    sandbox.world.set_forum_tags(forum.id, ["Space"])
    outcome = await poster.send(claim(forum_post(sandbox), make_story(1, topics=("AI",))))
    assert isinstance(outcome, Accepted)
    assert threads(sandbox)[0].applied_tags == []


async def test_a_missing_tag_closes_the_forum(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster, forum: Channel
) -> None:
    """The story waits with a reason, and is posted when the forum allows it."""
    await set_tags(sandbox, client, forum, "Space", required=True)
    claimed = claim(forum_post(sandbox), make_story(1, topics=("AI",)))
    for _ in range(REFUSAL_RETRIES):
        assert isinstance(await poster.send(claimed), Unavailable)
    assert await poster.send(claimed) == ChannelClosed(Cause.TAG_REQUIRED)
    await set_tags(sandbox, client, forum, "Space", "AI", required=True)
    assert isinstance(await poster.send(claimed), Accepted)


@pytest.mark.usefixtures("forum")
async def test_a_digest_is_titled_with_its_day(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """The tags are those of all its stories."""
    stories = (make_story(1, topics=("Space",)), make_story(2, topics=("AI",)))
    delivery = DeliveryOptions(digest=Digest(DigestDays.DAILY, time(8, 30)))
    post = forum_post(sandbox)
    spec = SubscriptionSpec(post.channel_id, delivery=delivery)
    subscription = Subscription(1, post.guild_id, 1, START, spec)
    outcome = await poster.send(ClaimedPost(post, stories[0], subscription, stories))
    assert isinstance(outcome, Accepted)
    (thread,) = threads(sandbox)
    assert thread.name.startswith("Daily digest")
    assert len(thread.applied_tags) == 2


@pytest.mark.usefixtures("forum")
@pytest.mark.parametrize(
    ("fault", "committed"),
    [
        (Status(500, after_commit=True), 1),
        (Status(502, after_commit=True), 1),
        (Status(503), 0),
        (Status(520, after_commit=True), 1),
        (Status(201, after_commit=True, body="{}"), 1),
        (Reset(), 1),
        (Reset(after_commit=False), 0),
    ],
)
async def test_a_lost_answer_is_found_by_its_mark(
    sandbox: Sandbox, poster: DiscordPoster, fault: Status | Reset, committed: int
) -> None:
    """No request is repeated: each would start a thread."""
    post = forum_post(sandbox)
    sandbox.faults.plan(fault, route=CREATE, times=1)
    outcome = await poster.send(claim(post))
    assert isinstance(outcome, Unavailable)
    assert outcome.unknown
    assert len(threads(sandbox)) == committed
    assert not poster.keeps_nonces(post)
    found = await poster.find(post, SINCE)
    if committed:
        thread_id = threads(sandbox)[0].id
        assert found == Found(thread_id, thread_id=thread_id)
    else:
        assert found == NotFound()
    assert [each.route for each in sandbox.requests].count(CREATE) == 1


async def test_archived_threads_are_searched(
    sandbox: Sandbox, poster: DiscordPoster, forum: Channel
) -> None:
    """With those of others in between, and more than a page of them."""
    post = await send(sandbox, poster)
    for number in range(110):
        other = sandbox.world.add_thread(forum.id, f"Other {number}")
        sandbox.world.update_thread(other.id, archived=True)
    sandbox.world.update_thread(post.thread_id or 0, archived=True)
    assert await poster.find(post, SINCE) == Found(post.message_id or 0, thread_id=post.thread_id)
    assert await poster.find(forum_post(sandbox, 2), SINCE) == NotFound()
    assert await poster.find(post, datetime.now(UTC) + timedelta(seconds=1)) == NotFound()


async def test_a_search_needs_the_history(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster, forum: Channel
) -> None:
    """Without Read Message History Discord would list no message."""
    post = await send(sandbox, poster)
    sandbox.faults.revoke(forum.id, Permission.READ_MESSAGE_HISTORY)
    await client.wait_for("guild_channel_update")
    assert await poster.find(post, SINCE) == Unreadable(Cause.HISTORY_FORBIDDEN)


async def test_a_forum_that_is_not_reported_yet(
    sandbox: Sandbox, poster: DiscordPoster, forum: Channel, client: discord.Client
) -> None:
    """The bot learns from Discord's refusal that it is one, and never sends twice."""
    guild = client.get_guild(forum.guild_id or 0)
    assert guild is not None
    guild._channels.pop(forum.id)  # noqa: SLF001 - as before the gateway's report
    post = forum_post(sandbox)
    outcome = await poster.send(claim(post))
    assert outcome == Unavailable(Cause.GUILD_UNAVAILABLE, False, timedelta(seconds=5))
    assert not poster.keeps_nonces(post)
    assert isinstance(await poster.send(claim(post)), Accepted)
    assert [each.name for each in threads(sandbox)] == ["Story 1"]


async def test_a_forum_waits_for_its_server(
    sandbox: Sandbox, poster: DiscordPoster, forum: Channel, client: discord.Client
) -> None:
    """After a start, its tags are not known yet; without them, the forum may refuse the story."""
    guild = client.get_guild(forum.guild_id or 0)
    assert guild is not None
    channel = guild._channels.pop(forum.id)  # noqa: SLF001 - as before the gateway's report
    guild.unavailable = True
    claimed = claim(forum_post(sandbox), make_story(1, topics=("AI",)))
    for _ in range(2):
        outcome = await poster.send(claimed)
        assert isinstance(outcome, Unavailable)
        assert outcome.reason is Cause.GUILD_UNAVAILABLE
    guild.unavailable = False
    guild._channels[forum.id] = channel  # noqa: SLF001 - the gateway's report
    assert isinstance(await poster.send(claimed), Accepted)
    (thread,) = threads(sandbox)
    assert len(thread.applied_tags) == 1


@pytest.mark.usefixtures("forum")
async def test_a_rejected_title_is_replaced(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """Servers may forbid words in the names of channels and threads."""
    forbidden = (
        '{"code": 50035, "message": "Invalid Form Body", "errors": {"name": {"_errors": []}}}'
    )
    sandbox.faults.plan(Status(400, body=forbidden), route=CREATE)
    await send(sandbox, poster)
    assert threads(sandbox)[0].name == "Untitled story"
    assert embed_titles(sandbox, threads(sandbox)[0].id) == ["A story"]


@pytest.mark.usefixtures("forum")
async def test_a_rejected_part_is_left_out(sandbox: Sandbox, poster: DiscordPoster) -> None:
    """As elsewhere, although the answer names it below the message."""
    field = Invalid(("message.components.0.components.1.url",))
    sandbox.faults.plan(field, route=CREATE, times=None)
    outcome = await poster.send(claim(forum_post(sandbox)))
    assert isinstance(outcome, Accepted)
    assert outcome.reduced is not None
    assert len(threads(sandbox)) == 1


@pytest.mark.usefixtures("forum")
@pytest.mark.parametrize("archived", [False, True])
@pytest.mark.parametrize("delete", [False, True], ids=["edited", "deleted"])
async def test_an_edit_reaches_the_first_message(
    sandbox: Sandbox, poster: DiscordPoster, archived: bool, delete: bool
) -> None:
    """An archived thread is reopened for it."""
    post = await send(sandbox, poster)
    (thread,) = threads(sandbox)
    sandbox.world.update_thread(thread.id, archived=archived)
    assert isinstance(await edit(poster, post, delete=delete), Accepted)
    assert embed_titles(sandbox, thread.id) == ([] if delete else ["Better"])
    assert not thread.archived


@pytest.mark.usefixtures("forum")
@pytest.mark.parametrize("archived", [False, True])
async def test_a_locked_thread_does_not_close_the_forum(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster, archived: bool
) -> None:
    """Its message waits until it is unlocked, and other stories are posted."""
    post = await send(sandbox, poster)
    sandbox.world.update_thread(post.thread_id or 0, archived=archived, locked=True)
    await client.wait_for("raw_thread_update")
    outcome = await edit(poster, post)
    assert outcome == Postponed(Cause.THREAD_LOCKED, request_made=archived)
    await send(sandbox, poster, 2)
    sandbox.world.update_thread(post.thread_id or 0, locked=False)
    await client.wait_for("raw_thread_update")
    assert isinstance(await edit(poster, post), Accepted)


async def allow_moderating(sandbox: Sandbox, client: discord.Client, forum: Channel) -> None:
    """Give the bot Manage Threads in the forum, and wait until the client knows."""
    bot_id, allow = sandbox.world.bot.id, int(Permission.MANAGE_THREADS)
    sandbox.world.set_overwrite(forum.id, bot_id, OverwriteType.MEMBER, allow=allow)
    await client.wait_for("guild_channel_update")


def withdrawn(post: Post) -> ClaimedPost:
    """The message of a post whose story was withdrawn, with a subscription that updates titles."""
    spec = SubscriptionSpec(post.channel_id, delivery=DeliveryOptions(update_titles=True))
    subscription = Subscription(1, post.guild_id, 1, START, spec)
    return ClaimedPost(post, make_story(title="A story", withdrawn=True), subscription)


@pytest.mark.parametrize("archived", [False, True])
async def test_a_deletion_takes_the_thread_along(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster, forum: Channel, archived: bool
) -> None:
    """If nobody has answered, and the bot has Manage Threads."""
    await allow_moderating(sandbox, client, forum)
    post = await send(sandbox, poster)
    sandbox.world.update_thread(post.thread_id or 0, archived=archived)
    assert isinstance(await poster.edit(withdrawn(post), delete=True), Accepted)
    assert threads(sandbox) == []
    assert isinstance(await poster.edit(withdrawn(post), delete=True), MessageGone)
    await send(sandbox, poster, 2)


@pytest.mark.parametrize("archived", [False, True])
@pytest.mark.parametrize("moderates", [False, True], ids=["no moderator", "answered"])
async def test_a_deletion_leaves_a_thread(
    sandbox: Sandbox,
    client: discord.Client,
    poster: DiscordPoster,
    forum: Channel,
    archived: bool,
    moderates: bool,
) -> None:
    """Its answers stay, and its title says that the story was withdrawn."""
    post = await send(sandbox, poster)
    if moderates:
        await allow_moderating(sandbox, client, forum)
        await sandbox.person("Ada").say(post.thread_id or 0, "Is that so?")
    sandbox.world.update_thread(post.thread_id or 0, archived=archived)
    assert isinstance(await poster.edit(withdrawn(post), delete=True), Accepted)
    (thread,) = threads(sandbox)
    assert thread.name == "Withdrawn: A story"
    assert [each.content for each in sandbox.world.log(thread.id).all()] == (
        ["Is that so?"] if moderates else []
    )


async def test_a_deletion_does_not_wait_for_the_title(
    sandbox: Sandbox, poster: DiscordPoster, forum: Channel
) -> None:
    """The message is gone, so there is no later edit; the title stays."""
    post = await send(sandbox, poster)
    sandbox.faults.plan(RateLimited(300), route=CHANGE_THREAD)
    assert isinstance(await poster.edit(withdrawn(post), delete=True), Accepted)
    assert sandbox.world.log(post.thread_id or 0).all() == []
    assert [each.name for each in threads(sandbox)] == ["A story"]
    assert forum.id == post.channel_id


async def test_moderated_tags_need_manage_threads(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster, forum: Channel
) -> None:
    """Without it they are left out, and the story is posted without them."""
    sandbox.world.set_forum_tags(forum.id, ["AI"], moderated=["Official"])
    await client.wait_for("guild_channel_update")
    names = {each.id: each.name for each in forum.available_tags}
    story = make_story(1, topics=("Official", "AI"))
    await poster.send(claim(forum_post(sandbox), story))
    await allow_moderating(sandbox, client, forum)
    await poster.send(claim(forum_post(sandbox, 2), story))
    applied = [[names[tag] for tag in each.applied_tags] for each in threads(sandbox)]
    assert applied == [["AI"], ["Official", "AI"]]


async def test_a_title_waits_for_its_rate_limit(
    sandbox: Sandbox, poster: DiscordPoster, forum: Channel
) -> None:
    """The message itself is edited at once."""
    post = await send(sandbox, poster)
    spec = SubscriptionSpec(forum.id, delivery=DeliveryOptions(update_titles=True))
    subscription = Subscription(1, post.guild_id, 1, START, spec)
    claimed = ClaimedPost(post, make_story(title="Better"), subscription)
    sandbox.faults.plan(RateLimited(300), route=CHANGE_THREAD)
    outcome = await poster.edit(claimed, delete=False)
    assert outcome == Postponed(Cause.RATE_LIMITED, timedelta(seconds=300))
    assert embed_titles(sandbox, post.thread_id or 0) == ["Better"]
    assert threads(sandbox)[0].name == "A story"
    outcome = await poster.edit(claimed, delete=False)
    assert isinstance(outcome, Postponed)
    assert not outcome.request_made


@pytest.mark.usefixtures("forum")
async def test_a_deleted_thread_has_no_message(
    sandbox: Sandbox, client: discord.Client, poster: DiscordPoster
) -> None:
    """The forum itself is still there."""
    post = await send(sandbox, poster)
    sandbox.world.delete_channel(post.thread_id or 0)
    await client.wait_for("raw_thread_delete")
    assert isinstance(await edit(poster, post), MessageGone)
    await send(sandbox, poster, 2)


@pytest.mark.usefixtures("forum")
async def test_too_many_active_threads_close_the_forum(
    sandbox: Sandbox, poster: DiscordPoster
) -> None:
    """The bot tries again later; no story is lost."""
    body = '{"message": "Maximum number of active threads reached", "code": 160006}'
    sandbox.faults.plan(Status(400, body=body), route=CREATE, times=None)
    for _ in range(REFUSAL_RETRIES):
        assert isinstance(await poster.send(claim(forum_post(sandbox))), Unavailable)
    outcome = await poster.send(claim(forum_post(sandbox)))
    assert outcome == ChannelClosed(Cause.TOO_MANY_THREADS)


@pytest.mark.parametrize(
    ("permission", "name"),
    [
        (Permission.SEND_MESSAGES, "Send Messages"),
        (Permission.SEND_MESSAGES_IN_THREADS, "Send Messages in Threads"),
        (Permission.EMBED_LINKS, "Embed Links"),
        (Permission.READ_MESSAGE_HISTORY, "Read Message History"),
    ],
)
async def test_a_missing_permission_is_named(
    sandbox: Sandbox,
    client: discord.Client,
    poster: DiscordPoster,
    forum: Channel,
    permission: Permission,
    name: str,
) -> None:
    """Without a request."""
    sandbox.faults.revoke(forum.id, permission)
    await client.wait_for("guild_channel_update")
    outcome = await poster.send(claim(forum_post(sandbox)))
    assert outcome == ChannelClosed(PermissionsMissing((name,)), request_made=False)


async def test_a_forums_history_is_read_after_a_restore(
    sandbox: Sandbox, poster: DiscordPoster, forum: Channel
) -> None:
    """The first messages of the bot's threads are what it announced, whatever is below them."""
    posts = [await send(sandbox, poster, number) for number in (1, 2, 3)]
    sandbox.world.update_thread(posts[0].thread_id or 0, archived=True)
    sandbox.world.delete_channel(posts[2].thread_id or 0)
    sandbox.world.add_thread(forum.id, "Of a member")
    history = await poster.read_history(ChannelToRecover(forum.guild_id or 0, forum.id), SINCE)
    assert isinstance(history, History)
    assert history.problem is None
    found = [(each.mark, each.message_id, each.thread_id) for each in history.announcements]
    assert found == [(post.mark, post.message_id, post.thread_id) for post in posts[:2]]
