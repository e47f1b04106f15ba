"""After a restore, channels show what was announced since the backup was made."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from bot.announce.log_names import Place, Server
from bot.announce.poster_port import Announcement, History, Unavailable
from bot.announce.recovery import Recovery
from storage.models import DeliveryOptions, Digest, DigestDays
from storage.posts import ChannelToRecover, FollowUpAction, PostStatus
from storage.protocols.recovery import BACKUP_MADE_AT
from storage.reasons import Cause, FoundAfterRestore
from tests.announce.newsroom import CHANNEL, WEEK, Newsroom
from tests.support.articles import make_article
from tests.support.clock import START, FakeClock

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MESSAGE, OTHER_CHANNEL = 500, 21
FOLDING = DeliveryOptions()


def address(number: int) -> str:
    """The normalised address of a story."""
    return f"https://news.example/{number}"


def message(*numbers: int, message_id: int = MESSAGE, mark: str = "story:99:x") -> Announcement:
    """A message about one story, or a digest."""
    shown = frozenset(map(address, numbers))
    if len(numbers) == 1:
        return Announcement(message_id, START, mark, story=shown)
    return Announcement(message_id, START, mark, digest=shown, is_digest=True)


def covering(number: int) -> Announcement:
    """A message that lists a story as coverage."""
    return Announcement(MESSAGE, START, "story:99:x", coverage=frozenset({address(number)}))


@dataclass
class ScriptedHistories:
    """Histories of channels that a test states; empty by default."""

    histories: dict[int, list[History | Unavailable]] = field(default_factory=dict)
    read: list[tuple[int, datetime]] = field(default_factory=list)

    def place(self, channel: ChannelToRecover) -> Place:
        """See `HistoryReader`."""
        return Place(channel.channel_id, server=Server(channel.guild_id))

    async def read_history(
        self, channel: ChannelToRecover, since: datetime
    ) -> History | Unavailable:
        """Return the next result, and the last one again."""
        self.read.append((channel.channel_id, since))
        results = self.histories.get(channel.channel_id, [History(())])
        return results.pop(0) if len(results) > 1 else results[0]


@pytest.fixture
def histories() -> ScriptedHistories:
    """What the channels show."""
    return ScriptedHistories()


async def recover(newsroom: Newsroom, histories: ScriptedHistories) -> None:
    """Recover from a backup that was made a day ago."""
    await newsroom.store.set_value(BACKUP_MADE_AT, (newsroom.clock.now() - DAY).isoformat())
    await recovery(newsroom, histories).run()


def recovery(newsroom: Newsroom, histories: ScriptedHistories) -> Recovery:
    """The recovery as a bot that just started has it."""
    return Recovery(newsroom.store, histories, newsroom.clock, max_age=WEEK)


async def sent_after(newsroom: Newsroom) -> list[int]:
    """Send everything that is due; return the ids of the stories in the order of sending."""
    async with newsroom.sending():
        for _ in range(20):
            await newsroom.step()
    return newsroom.poster.sent


async def test_only_a_backup_is_recovered(newsroom: Newsroom, histories: ScriptedHistories) -> None:
    """Once: then it is a database like others."""
    await newsroom.subscribe()
    await recovery(newsroom, histories).run()
    assert histories.read == []
    await recover(newsroom, histories)
    assert histories.read == [(CHANNEL, START - DAY - HOUR)]
    assert await newsroom.store.get_value(BACKUP_MADE_AT) is None
    await recovery(newsroom, histories).run()
    assert len(histories.read) == 1


@pytest.mark.parametrize("value", ["", "yesterday", "2999-01-01T00:00:00+00:00"])
async def test_an_unknown_time_reads_far_back(
    newsroom: Newsroom, histories: ScriptedHistories, value: str
) -> None:
    """A time in the future is that of a wrong clock."""
    await newsroom.subscribe()
    await newsroom.store.set_value(BACKUP_MADE_AT, value)
    await recovery(newsroom, histories).run()
    ((_, since),) = histories.read
    assert since in {START - 30 * DAY, START - HOUR}


async def test_waiting_posts_that_were_sent_are_recognised(
    newsroom: Newsroom, histories: ScriptedHistories
) -> None:
    """By their marks or their addresses; the others are sent."""
    await newsroom.subscribe()
    await newsroom.add_stories(1, 2, 3)
    first, *_ = await newsroom.posts()
    by_mark = Announcement(MESSAGE, START, first.mark, story=frozenset({"https://a.example/"}))
    histories.histories[CHANNEL] = [History((by_mark, message(3, message_id=MESSAGE + 1)))]
    await recover(newsroom, histories)
    posts = await newsroom.posts()
    assert [post.message_id for post in posts] == [MESSAGE, None, MESSAGE + 1]
    assert posts[0].reason == FoundAfterRestore(MESSAGE)
    assert await sent_after(newsroom) == [2]


async def test_stories_that_come_again_are_recognised(
    newsroom: Newsroom, histories: ScriptedHistories
) -> None:
    """Only in their own channels; their messages are edited, so that their buttons work."""
    await newsroom.subscribe()
    await newsroom.subscribe(OTHER_CHANNEL)
    histories.histories[CHANNEL] = [History((message(1),))]
    await recover(newsroom, histories)
    await newsroom.add_stories(1, 2)
    assert sorted(await sent_after(newsroom)) == [1, 2, 2]
    found = await newsroom.store.find_post(1, CHANNEL)
    assert found is not None
    assert (found.status, found.message_id) == (PostStatus.SENT, MESSAGE)
    assert [story for story, _ in newsroom.poster.edited] == [1]


async def test_a_found_message_gets_what_it_lacks(
    newsroom: Newsroom, histories: ScriptedHistories
) -> None:
    """Whether it waited when the backup was made, or is planned again; not what is done."""
    await newsroom.subscribe(delivery=DeliveryOptions(fold=False, publish=True, discuss=True))
    await newsroom.add_stories(1)
    published = frozenset({FollowUpAction.PUBLISH})
    histories.histories[CHANNEL] = [
        History(
            (
                replace(message(1), done=published),
                replace(message(2, message_id=MESSAGE + 1), done=published),
                message(3, message_id=MESSAGE + 2),
            )
        )
    ]
    await recover(newsroom, histories)
    await newsroom.add_stories(2, 3)
    assert await sent_after(newsroom) == []
    discuss = FollowUpAction.DISCUSS
    expected = [(discuss, 1), (discuss, 2), (discuss, 3), (FollowUpAction.PUBLISH, 3)]
    assert sorted(newsroom.poster.done) == expected


async def test_stories_of_a_digest_are_not_sent_again(
    newsroom: Newsroom, histories: ScriptedHistories
) -> None:
    """Nobody knows the digest's composition any more, so it is never edited."""
    await newsroom.subscribe()
    histories.histories[CHANNEL] = [History((message(1, 2),))]
    await recover(newsroom, histories)
    await newsroom.add_stories(1, 2, 3)
    assert await sent_after(newsroom) == [3]
    await newsroom.load(make_article(1, title="Another title"))
    await newsroom.withdraw(2)
    async with newsroom.sending():
        await newsroom.step()
    assert newsroom.poster.edited == []


async def test_coverage_counts_where_stories_are_folded(
    newsroom: Newsroom, histories: ScriptedHistories
) -> None:
    """Elsewhere, a message may list a story that gets a message of its own."""
    await newsroom.subscribe(delivery=FOLDING)
    await newsroom.subscribe(OTHER_CHANNEL)
    for channel in (CHANNEL, OTHER_CHANNEL):
        histories.histories[channel] = [History((covering(1),))]
    await recover(newsroom, histories)
    await newsroom.add_stories(1)
    await sent_after(newsroom)
    assert newsroom.poster.requests == [OTHER_CHANNEL]


async def test_a_channel_that_cant_be_read_is_left_to_an_operator(
    newsroom: Newsroom, histories: ScriptedHistories
) -> None:
    """Except what was found, and stories that are newer than the attempt."""
    await newsroom.subscribe()
    await newsroom.add_stories(1, 2)
    histories.histories[CHANNEL] = [History((message(1),), Cause.HISTORY_FORBIDDEN)]
    await recover(newsroom, histories)
    await newsroom.clock.advance(10)
    await newsroom.add_stories(3)
    await newsroom.load(make_article(4, published_at=newsroom.clock.now()))
    assert await sent_after(newsroom) == [4]
    posts = await newsroom.posts()
    assert [post.status for post in posts] == [
        PostStatus.SENT,
        PostStatus.UNCERTAIN,
        PostStatus.UNCERTAIN,
        PostStatus.SENT,
    ]
    assert posts[2].reason == Cause.HISTORY_FORBIDDEN


async def test_an_interrupted_recovery_goes_on(
    newsroom: Newsroom, histories: ScriptedHistories, clock: FakeClock
) -> None:
    """Channels that were read are not read again; one that is unavailable is waited for."""
    await newsroom.subscribe()
    await newsroom.subscribe(OTHER_CHANNEL)
    away = Unavailable(Cause.CONNECTION_FAILED, unknown=False)
    histories.histories[OTHER_CHANNEL] = [away]
    running = asyncio.create_task(recover(newsroom, histories))
    while not await newsroom.store.recovered_from((START - DAY).isoformat()):
        await newsroom.step()
    running.cancel()
    await asyncio.wait({running})
    histories.histories[OTHER_CHANNEL] = [away, away, History((message(1),))]
    histories.read.clear()
    running = asyncio.create_task(recovery(newsroom, histories).run())
    while not running.done():
        await clock.advance(1)
    assert {channel for channel, _ in histories.read} == {OTHER_CHANNEL}
    assert len(histories.read) == 3


async def test_a_server_that_stays_away_is_not_waited_for(
    newsroom: Newsroom, histories: ScriptedHistories, clock: FakeClock
) -> None:
    """The others must not wait for it; its stories are uncertain."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    histories.histories[CHANNEL] = [Unavailable(Cause.GUILD_UNAVAILABLE, unknown=False)]
    running = asyncio.create_task(recover(newsroom, histories))
    while not running.done():
        await clock.advance(5)
    assert [post.status for post in await newsroom.posts()] == [PostStatus.UNCERTAIN]
    assert clock.now() - START >= timedelta(minutes=5)
    assert len(histories.read) < 20


async def test_many_servers_that_stay_away_are_awaited_together(
    newsroom: Newsroom, histories: ScriptedHistories, clock: FakeClock
) -> None:
    """A large outage must not delay the other servers by hours."""
    channels = range(CHANNEL, CHANNEL + 50)
    for channel in channels:
        await newsroom.subscribe(channel)
        histories.histories[channel] = [Unavailable(Cause.GUILD_UNAVAILABLE, unknown=False)]
    running = asyncio.create_task(recover(newsroom, histories))
    while not running.done():
        await clock.advance(5)
    read = [channel for channel, _ in histories.read]
    assert set(read) == set(channels)
    # Those that come later are asked once.
    assert sum(read.count(channel) == 1 for channel in channels) == len(channels) - 16


async def test_servers_have_time_after_a_lost_connection(
    newsroom: Newsroom, histories: ScriptedHistories, clock: FakeClock
) -> None:
    """The gateway needs some seconds after the network is back, however long it was away."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    away = Unavailable(Cause.CONNECTION_FAILED, False, timedelta(minutes=10))
    loading = Unavailable(Cause.GUILD_UNAVAILABLE, unknown=False)
    histories.histories[CHANNEL] = [away, loading, History(())]
    running = asyncio.create_task(recover(newsroom, histories))
    while not running.done():
        await clock.advance(5)
    assert await sent_after(newsroom) == [1]


async def test_a_digest_that_was_sent_otherwise_is_composed_again(
    newsroom: Newsroom, histories: ScriptedHistories
) -> None:
    """The backup contains a digest that was claimed, and the message has another one."""
    daily = Digest(DigestDays.DAILY, START.time())
    await newsroom.subscribe(delivery=DeliveryOptions(digest=daily, fold=False))
    await newsroom.add_stories(1, 2)
    await newsroom.clock.advance(DAY.total_seconds())
    (claimed,) = await newsroom.tracked_outbox.claim(newsroom.clock.now(), 9, [])
    assert len(claimed.digest) == 2
    lead = claimed.story.id
    histories.histories[CHANNEL] = [History((message(lead),))]
    await recover(newsroom, histories)
    by_story = {post.story_id: post for post in await newsroom.posts()}
    assert by_story.pop(lead).status is PostStatus.SENT
    ((other),) = by_story.values()
    assert (other.lead_post_id, other.digest_position) == (None, None)
    await newsroom.clock.advance(2 * DAY.total_seconds())
    assert await sent_after(newsroom) == [other.story_id]
