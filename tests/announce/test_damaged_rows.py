"""One damaged row of any table: everything else is planned, sent and edited."""

from collections import Counter
from collections.abc import Set as AbstractSet

import pytest

from bot.announce.subscription_lifecycle import delete_subscriptions
from storage.models import PausedBy
from storage.posts import PostStatus
from storage.reasons import Cause
from tests.announce.newsroom import GUILD, Newsroom
from tests.support.articles import make_article, make_documents
from tests.support.database import DAMAGE, damage, path_of

CHANNELS = (20, 21, 22)
STORIES = (1, 2, 3)
ALL = {(story, channel) for story in STORIES for channel in CHANNELS}
OF_SUBSCRIPTION = {(story, 20) for story in STORIES}
OF_STORY = {(2, channel) for channel in CHANNELS}
OF_POST = {(2, 20)}
NOTHING: AbstractSet[tuple[int, int]] = set()

GARBAGE = "'garbage'"
LARGEST = str(2**63 - 1)
CASES = [
    ("subscriptions", "delivery", """'{"timezone": "Mars/Phobos"}'""", OF_SUBSCRIPTION),
    (
        "subscriptions",
        "delivery",
        """'{"digest": {"days": "weekly", "at": "09:00", "weekday": 99}}'""",
        OF_SUBSCRIPTION,
    ),
    ("subscriptions", "rules", GARBAGE, OF_SUBSCRIPTION),
    ("subscriptions", "paused_by", "'nobody'", OF_SUBSCRIPTION),
    ("subscriptions", "created_at", "'2026-11-01T00:00:00'", OF_SUBSCRIPTION),
    ("subscriptions", "channel_id", DAMAGE["a blob"], OF_SUBSCRIPTION),
    ("subscriptions", "rules", DAMAGE["not UTF-8"], OF_SUBSCRIPTION),
    ("posts", "status", "'lost'", OF_POST),
    ("posts", "reason", '\'{"code": "too_old"}\'', OF_POST),
    ("posts", "due_at", "'2026-13-39'", OF_POST),
    ("posts", "nonce", DAMAGE["not UTF-8"], OF_POST),
    ("posts", "article_id", "NULL", OF_POST),
    ("documents", "content", "pack('{}')", OF_STORY),
    ("documents", "content", "substr(content, 1, 9)", OF_STORY),
    ("documents", "content", "'{}'", OF_STORY),
    ("documents", "content", "NULL", OF_STORY),
    ("articles", "first_seen_at", "'yesterday'", OF_STORY),
    ("articles", "revision", GARBAGE, OF_STORY),
    ("articles", "revision", LARGEST, OF_STORY),
    ("articles", "id", LARGEST, OF_STORY),
    ("posts", "id", LARGEST, OF_POST),
    ("post_history", "id", LARGEST, NOTHING),
    ("subscriptions", "id", LARGEST, OF_SUBSCRIPTION),
    ("settings", "value", GARBAGE, NOTHING),
    ("sources", "rank", DAMAGE["a blob"], NOTHING),
    ("sources", "findings", GARBAGE, NOTHING),
    ("edits", "due_at", DAMAGE["a blob"], NOTHING),
]


@pytest.mark.parametrize(("table", "column", "value", "set_aside"), CASES)
async def test_everything_else_is_announced(
    newsroom: Newsroom, table: str, column: str, value: str, set_aside: AbstractSet[tuple[int, int]]
) -> None:
    """Nothing is sent twice, no loop ends, and the source is loaded as before."""
    await newsroom.store.register_sources(["s"])
    for channel in CHANNELS:
        await newsroom.subscribe(channel)
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.step()
        await newsroom.step()
    await newsroom.load(make_article(1, title="Changed"))
    await newsroom.add_stories(2)
    where = {
        "posts": "article_id = 2 AND channel_id = 20",
        "documents": "id = 2",
        "articles": "id = 2",
        "settings": "name = 'planner_cursor'",
    }
    damage(path_of(newsroom.store), table, column, value, where.get(table, "TRUE"))
    await newsroom.store.register_sources(["other", "s"])
    await newsroom.store.pause_channel(22, PausedBy.BOT, Cause.RATE_LIMITED)
    await newsroom.store.resume_channel(22, PausedBy.BOT)
    await newsroom.store.record_run("s", newsroom.clock.now(), None)
    await delete_subscriptions(
        newsroom.store, newsroom.clock.now(), left_before=newsroom.clock.now()
    )
    assert await newsroom.store.subscribed_guilds() == {GUILD}
    await newsroom.add_stories(3)
    async with newsroom.sending():
        for _ in range(4):
            await newsroom.step(1)
    poster = newsroom.poster
    sent = Counter(zip(poster.sent, poster.requests, strict=True))
    assert max(sent.values()) == 1
    assert set(sent) >= ALL - set_aside
    assert not set(sent) & (set_aside - {(1, 20)} if table != "articles" else set())


async def test_a_story_is_announced_after_its_repair(newsroom: Newsroom) -> None:
    """The planner has read past it; the next load of its source makes it news again."""
    await newsroom.subscribe(20)
    await newsroom.store.save_documents(
        "s", make_documents(make_article(1), make_article(2)), newsroom.clock.now()
    )
    damage(path_of(newsroom.store), "documents", "content", GARBAGE, "id = 1")
    await newsroom.planner.catch_up()
    async with newsroom.sending():
        await newsroom.step()
        await newsroom.step()
    assert newsroom.poster.sent == [2]
    await newsroom.load(make_article(1))
    async with newsroom.sending():
        await newsroom.step()
        await newsroom.step()
    assert newsroom.poster.sent == [2, 1]


@pytest.mark.parametrize(
    ("table", "column"), [("posts", "subscription_id"), ("subscriptions", "id")]
)
async def test_a_post_of_a_lost_subscription_is_edited(
    newsroom: Newsroom, table: str, column: str
) -> None:
    """Its message still shows the story."""
    await newsroom.subscribe(20)
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.step()
        await newsroom.step()
    damage(path_of(newsroom.store), table, column, "99")
    await newsroom.load(make_article(1, title="Changed"))
    async with newsroom.sending():
        await newsroom.step()
        await newsroom.step()
    assert newsroom.poster.edited == [(1, "Changed")]


async def test_a_message_without_an_id_is_not_edited(newsroom: Newsroom) -> None:
    """Nobody knows which one it is. Others of the channel are edited."""
    await newsroom.subscribe(20)
    await newsroom.add_stories(1, 2)
    async with newsroom.sending():
        await newsroom.step()
        await newsroom.step()
        await newsroom.step()
    damage(path_of(newsroom.store), "posts", "message_id", "NULL", "article_id = 1")
    await newsroom.load(make_article(1, title="Changed"), make_article(2, title="Changed, too"))
    async with newsroom.sending():
        await newsroom.step()
        await newsroom.step()
    assert newsroom.poster.edited == [(2, "Changed, too")]


async def test_a_sent_post_is_never_replaceable(newsroom: Newsroom) -> None:
    """A flipped bit says so, and its story changes."""
    await newsroom.subscribe(20)
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.step()
        await newsroom.step()
    damage(path_of(newsroom.store), "posts", "replaceable", "1")
    await newsroom.load(make_article(1, title="Changed"))
    async with newsroom.sending():
        await newsroom.step()
        await newsroom.step()
    assert newsroom.poster.sent == [1]
    assert newsroom.poster.edited == [(1, "Changed")]


async def test_a_post_damaged_while_it_is_sent_is_not_repeated(
    newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    """Its result can't be recorded. The sender goes on, and a later start does not send it."""
    await newsroom.subscribe(20)
    await newsroom.add_stories(1)

    async def send(claimed: object) -> object:
        damage(path_of(newsroom.store), "posts", "reason", GARBAGE)
        newsroom.poster.send = original  # type: ignore[method-assign]  # once only
        return await original(claimed)  # type: ignore[arg-type]  # the same

    original = newsroom.poster.send
    newsroom.poster.send = send  # type: ignore[method-assign,assignment]  # this is a fake Discord
    async with newsroom.sending():
        await newsroom.step()
        await newsroom.step()
    assert "can't be recorded" in caplog.text
    await newsroom.add_stories(2)
    async with newsroom.sending():
        for _ in range(3):
            await newsroom.step()
    assert newsroom.poster.sent == [1, 2]
    assert (await newsroom.store.count_posts())[PostStatus.CLAIMED] == 1
