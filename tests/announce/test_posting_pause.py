"""A pause of all posting: nothing is sent, and no story is lost."""

from datetime import timedelta

from bot.announce.pausing import pause_posting, read_pauses, resume_posting
from bot.announce.posting_pause import Pauses, decode_pauses
from storage.posts import PostStatus
from tests.announce.newsroom import WEEK, Newsroom
from tests.support.articles import make_article
from tests.support.clock import START

HOUR = timedelta(hours=1)
SENT, PLANNED, SKIPPED = PostStatus.SENT, PostStatus.PLANNED, PostStatus.SKIPPED


async def test_a_pause_stops_a_running_sender(newsroom: Newsroom) -> None:
    """It goes on when the pause ends."""
    await newsroom.subscribe()
    async with newsroom.sending():
        await newsroom.add_stories(1)
        await newsroom.until(SENT)
        await pause_posting(newsroom.store, newsroom.clock.now())
        await newsroom.step(1)
        await newsroom.add_stories(2)
        await newsroom.run(HOUR, step=60)
        assert newsroom.poster.sent == [1]
        await resume_posting(newsroom.store, newsroom.clock.now())
        await newsroom.until(SENT, SENT)


async def test_a_pause_outlasts_a_restart(newsroom: Newsroom) -> None:
    """A sender that starts during a pause sends nothing."""
    await newsroom.subscribe()
    await pause_posting(newsroom.store, newsroom.clock.now())
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.run(HOUR, step=60)
    assert newsroom.poster.sent == []


async def test_messages_are_not_edited_during_a_pause(newsroom: Newsroom) -> None:
    """They are edited afterwards, even if the pause was longer than messages are edited."""
    await newsroom.subscribe()
    async with newsroom.sending():
        await newsroom.add_stories(1)
        await newsroom.until(SENT)
        await pause_posting(newsroom.store, newsroom.clock.now())
        await newsroom.step(1)
        await newsroom.load(make_article(1, title="Corrected"))
        await newsroom.run(3 * WEEK, step=WEEK.total_seconds() / 14)
        assert newsroom.poster.edited == []
        await resume_posting(newsroom.store, newsroom.clock.now())
        await newsroom.until_true(lambda: newsroom.poster.edited)
    assert newsroom.poster.edited == [(1, "Corrected")]


async def test_no_story_is_too_old_because_of_a_pause(newsroom: Newsroom) -> None:
    """A story that waited for another reason becomes too old as ever."""
    await newsroom.subscribe()
    await pause_posting(newsroom.store, newsroom.clock.now())
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.run(3 * WEEK, step=WEEK.total_seconds() / 14)
        await resume_posting(newsroom.store, newsroom.clock.now())
        await newsroom.until(SENT)
    await newsroom.load(make_article(2, published_at=newsroom.clock.now()))
    await newsroom.run(2 * WEEK, step=WEEK.total_seconds() / 14)
    async with newsroom.sending():
        await newsroom.until(SENT, SKIPPED)


def test_only_the_time_within_a_pause_counts() -> None:
    """Pauses before and after it don't, nor does a clock that was set back."""
    pauses = Pauses().begin(START).end(START + HOUR).begin(START + 3 * HOUR)
    assert pauses.time_paused(START - HOUR, START + 2 * HOUR) == HOUR
    assert pauses.time_paused(START + HOUR / 2, START + 4 * HOUR) == 1.5 * HOUR
    assert pauses.time_paused(START + HOUR, START + 3 * HOUR) == timedelta()
    assert Pauses().begin(START).end(START - HOUR).time_paused(START, START) == timedelta()


async def test_a_second_pause_changes_nothing(newsroom: Newsroom) -> None:
    """Whoever asks again learns since when posting is paused."""
    assert await resume_posting(newsroom.store, START) is None
    assert await pause_posting(newsroom.store, START) == (START, False)
    assert await pause_posting(newsroom.store, START + HOUR) == (START, True)
    assert await resume_posting(newsroom.store, START + HOUR) == START
    assert (await read_pauses(newsroom.store)).paused_since is None


def test_a_value_that_can_not_be_read_is_no_pause() -> None:
    """A later version may write another form."""
    assert decode_pauses('{"form": 2}') == Pauses()
