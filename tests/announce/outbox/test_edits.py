"""Edits in the outbox: scheduled with the cursor, one per channel, never lost or too late."""

from datetime import timedelta
from typing import Any

import pytest

from bot.announce import outbox
from bot.announce.outbox import Outbox
from bot.announce.schedule import first_due
from storage.errors import StoreUnusableError
from storage.models import PausedBy
from storage.posts import DueEdit, NewPost, PostStatus, RetryAt, Sent
from storage.protocols import Store
from storage.reasons import Cause, ConnectionLost, PermissionsMissing
from tests.announce.outbox.test_claims import CHANNEL, GUILD, OTHER_CHANNEL, add, new_post
from tests.support.articles import make_article, make_documents
from tests.support.clock import START
from tests.support.outbox import plan_revisions

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
async def posted(store: Store) -> Store:
    """A store whose only story was posted in two channels."""
    await store.save_documents("s", make_documents(make_article(1)), START)
    posts = [new_post(1, await add(store, channel)) for channel in (CHANNEL, OTHER_CHANNEL)]
    await plan_revisions(store, 0, 1, posts, START, edit_since=START - DAY)
    for message, claimed in enumerate(await Outbox(store).claim(START, 9, [])):
        await Outbox(store).settle(claimed.post.id, Sent(100 + message), START)
    return store


async def change(store: Store, **changes: Any) -> int:  # noqa: ANN401 - any field of Article
    """Change the story and plan it; return the number of posts and edits."""
    await store.save_documents("s", make_documents(make_article(1, **changes)), START)
    view = await store.planner_snapshot(9)
    revision = view.stories[-1].revision
    return await plan_revisions(store, view.cursor, revision, [], START, edit_since=START - DAY)


async def due(store: Store, after: timedelta = timedelta()) -> list[DueEdit]:
    """The edits that are due."""
    return list(await store.due_edits(START + after, 9, []))


async def test_a_visible_change_schedules_edits_of_all_messages(posted: Store) -> None:
    """The cursor's transaction schedules them, and the edit has the current story."""
    assert await change(posted, title="Better") == 2
    edits = await due(posted)
    assert [100, 101] == sorted(edit.post.message_id or 0 for edit in edits)
    assert {"Better"} == {edit.story.article.title for edit in edits}


async def test_an_invisible_change_schedules_no_edit(posted: Store) -> None:
    """Heat and quality are not visible."""
    assert await change(posted, heat=50, quality=10) == 0


async def test_edits_and_cursor_are_written_together(
    posted: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the disk is full when posts are written, edits and cursor are rolled back."""

    async def full(*_: Any) -> int:  # noqa: ANN401 - whatever it is given
        raise StoreUnusableError("the disk is full")

    before = (await posted.planner_snapshot(9)).cursor
    monkeypatch.setattr(outbox, "plan_posts", full)
    with pytest.raises(StoreUnusableError):
        await change(posted, title="Better")
    assert ((await posted.planner_snapshot(9)).cursor, await posted.count_edits()) == (before, 0)
    monkeypatch.undo()
    assert await change(posted, title="Better") == 2


async def test_messages_older_than_the_window_are_not_edited(posted: Store) -> None:
    await posted.save_documents("s", make_documents(make_article(1, title="Better")), START)
    view = await posted.planner_snapshot(9)
    revision = view.stories[-1].revision
    assert await plan_revisions(posted, view.cursor, revision, [], START, edit_since=START) == 0


async def test_a_finished_edit_is_removed(posted: Store) -> None:
    """If the story changed again, the message is outdated and gets another edit."""
    await change(posted, title="Better")
    first, second = await due(posted)
    await Outbox(posted).finish_edit(first, START)
    assert await posted.count_edits() == 1
    await change(posted, title="Best")
    await Outbox(posted).finish_edit(second, START)
    assert {"Best"} == {edit.story.article.title for edit in await due(posted)}
    assert await posted.count_edits() == 2


async def test_a_reverted_story_needs_no_edit(posted: Store) -> None:
    """It changed and changed back, but its message was edited in between."""
    await change(posted, title="Better")
    for edit in await due(posted):
        await Outbox(posted).finish_edit(edit, START)
    assert await change(posted) == 2
    for edit in await due(posted):
        await Outbox(posted).finish_edit(edit, START)
    assert await posted.count_edits() == 0


async def test_a_deleted_message_is_never_edited_again(posted: Store) -> None:
    """Later changes of its story don't matter."""
    await change(posted, title="Better")
    for edit in await due(posted):
        await Outbox(posted).finish_edit(edit, START, removed=True)
    assert await change(posted, title="Best") == 0


async def test_a_delayed_edit_waits_and_counts_its_attempts(posted: Store) -> None:
    """A new change makes it due at once and resets its attempts."""
    await change(posted, title="Better")
    edit, _ = await due(posted)
    await posted.delay_edit(edit, START + SECOND)
    assert len(await due(posted)) == 1
    assert await posted.next_due_at(START) == START + SECOND
    later = {each.post.id: each.attempts for each in await due(posted, SECOND)}
    assert later[edit.post.id] == 1
    await change(posted, title="Best")
    assert {each.attempts for each in await due(posted)} == {0}


async def test_a_dropped_edit_is_removed(posted: Store) -> None:
    """Its message was deleted."""
    await change(posted, title="Better")
    for edit in await due(posted):
        await posted.drop_edit(edit)
    assert await posted.count_edits() == 0


async def test_edits_are_one_per_open_idle_channel(
    posted: Store,
) -> None:
    """Nothing becomes due while a pause holds the edits."""
    await change(posted, title="Better")
    assert len(await posted.due_edits(START, 9, [CHANNEL])) == 1
    assert len(await posted.due_edits(START, 1, [])) == 1
    await posted.pause_channel(CHANNEL, PausedBy.BOT, PermissionsMissing(("Send Messages",)))
    assert [OTHER_CHANNEL] == [edit.post.channel_id for edit in await due(posted)]
    await posted.leave_guild(GUILD, START)
    assert await due(posted) == []
    assert await posted.next_due_at(START) is None


async def test_an_admins_pause_holds_no_edit(posted: Store) -> None:
    """It stops new posts, but sent messages stay up to date."""
    await posted.pause_channel(CHANNEL, PausedBy.ADMIN, Cause.PAUSED_BY_ADMIN)
    await change(posted, title="Better")
    assert len(await due(posted)) == 2


async def test_settling_schedules_an_edit_of_a_changed_story(
    store: Store,
) -> None:
    """The message shows the story as it was claimed."""
    await store.save_documents("s", make_documents(make_article(1)), START)
    await plan_revisions(
        store, 0, 1, [new_post(1, await add(store))], START, edit_since=START - DAY
    )
    (claimed,) = await Outbox(store).claim(START, 1, [])
    await change(store, title="Better")
    assert await store.count_edits() == 0
    await Outbox(store).settle(claimed.post.id, Sent(1), START)
    (edit,) = await due(store)
    assert edit.story.article.title == "Better"


async def test_attempts_with_different_versions_cause_an_edit(
    store: Store,
) -> None:
    """Either attempt's message may exist, even if the story is now as at first."""
    await store.save_documents("s", make_documents(make_article(1)), START)
    await plan_revisions(
        store, 0, 1, [new_post(1, await add(store))], START, edit_since=START - DAY
    )
    (claimed,) = await Outbox(store).claim(START, 1, [])
    await Outbox(store).settle(
        claimed.post.id, RetryAt(START, ConnectionLost("reset"), unknown=True), START
    )
    await change(store, title="Better")
    await Outbox(store).claim(START, 1, [])
    await change(store)
    await Outbox(store).settle(claimed.post.id, Sent(1), START)
    assert len(await due(store)) == 1


async def test_a_jump_back_makes_waiting_posts_and_edits_due(posted: Store) -> None:
    """Posts scheduled after the clock was corrected keep their times."""
    await change(posted, title="Better")
    edit, _ = await due(posted)
    await posted.delay_edit(edit, START + DAY)
    await posted.save_documents("s", make_documents(make_article(2)), START)
    later = START + timedelta(hours=1)
    (subscription, *_) = await posted.list_subscriptions(GUILD)
    view = await posted.planner_snapshot(9)
    post = NewPost(2, subscription.id, GUILD, CHANNEL, "n", later + timedelta(minutes=30))
    await plan_revisions(posted, view.cursor, 3, [post], later, edit_since=START)
    assert list(await Outbox(posted).claim(START, 9, [])) == []
    await posted.correct_times(later, first_due)
    assert list(await Outbox(posted).claim(later, 9, [])) == []
    await posted.correct_times(START, first_due)
    assert [2] == [each.story.id for each in await Outbox(posted).claim(START, 9, [])]
    assert (await posted.count_posts())[PostStatus.CLAIMED] == 1
    assert len(await due(posted)) == 2


async def test_a_message_without_its_embed_is_edited(
    store: Store,
) -> None:
    """Discord removed the embed, and the edit restores it."""
    await store.save_documents("s", make_documents(make_article(1)), START)
    await plan_revisions(
        store, 0, 1, [new_post(1, await add(store, CHANNEL))], START, edit_since=START - DAY
    )
    (claimed,) = await Outbox(store).claim(START, 9, [])
    await Outbox(store).settle(claimed.post.id, Sent(100, embed_missing=True), START)
    (edit,) = await due(store)
    assert edit.post.message_id == 100
    await Outbox(store).finish_edit(edit, START)
    assert await due(store) == []
