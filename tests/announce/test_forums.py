"""Unknown outcomes in forums, which keep no nonces: each request starts a thread."""

from datetime import datetime

import pytest
from typing_extensions import override

from bot.announce.delivery import ARRIVAL_TIME
from bot.announce.poster_port import SearchResult, Unavailable
from storage.posts import Post, PostStatus
from storage.reasons import ConnectionLost, ServerError
from tests.announce.newsroom import Newsroom
from tests.announce.support import ScriptedPoster

LOST = Unavailable(ConnectionLost("reset"), unknown=True)


class LateForum(ScriptedPoster):
    """A forum in which each thread appears after the first search for it."""

    def __init__(self) -> None:
        super().__init__()
        self.is_forum, self.deduplicates = True, False

    @override
    async def find(self, post: Post, since: datetime) -> SearchResult:
        found = await super().find(post, since)
        self.messages.setdefault(post.nonce, 500)
        return found


@pytest.fixture
async def forum(newsroom: Newsroom) -> Newsroom:
    """A newsroom that is subscribed to a forum."""
    await newsroom.subscribe()
    newsroom.poster.is_forum, newsroom.poster.deduplicates = True, False
    return newsroom


async def test_a_lost_answer_is_searched_for_at_once(forum: Newsroom) -> None:
    """The story is not sent again on the strength of its nonce."""
    forum.poster.prepare(LOST, committed=True)
    await forum.add_stories(1)
    async with forum.sending():
        (post,) = await forum.until(PostStatus.SENT)
    assert forum.poster.sent == [1]
    assert len(forum.poster.searched_since) == 1
    assert post.thread_id == post.message_id


async def test_a_late_thread_is_waited_for(forum: Newsroom) -> None:
    """A request without a response may be carried out after the first search."""
    forum.poster = LateForum()
    forum.poster.prepare(LOST)
    await forum.add_stories(1)
    async with forum.sending():
        await forum.until(PostStatus.SENT)
    assert forum.poster.sent == []


async def test_a_story_that_is_not_there_is_sent_later(forum: Newsroom) -> None:
    """The next unknown outcome counts from its own attempt: that one may arrive late, too."""
    for _ in range(2):
        forum.poster.prepare(Unavailable(ServerError(503), unknown=True))
    await forum.add_stories(1)
    begun = forum.clock.now()
    async with forum.sending():
        (post,) = await forum.until(PostStatus.SENT)
    assert forum.poster.sent == [1]
    assert post.settled_at is not None
    assert post.settled_at - begun >= 2 * ARRIVAL_TIME
    assert post.settled_at - begun < 4 * ARRIVAL_TIME


async def test_after_a_crash_the_forum_is_searched(forum: Newsroom) -> None:
    """A claim that a stopped bot left behind has an unknown outcome."""
    await forum.add_stories(1)
    (claimed,) = await forum.tracked_outbox.claim(forum.clock.now(), 1, ())
    forum.poster.messages[claimed.post.nonce] = 500
    async with forum.sending():
        (post,) = await forum.until(PostStatus.SENT)
    assert (post.message_id, post.thread_id, forum.poster.sent) == (500, 500, [])
