"""Edits at the store: planned with the cursor, one per channel, never lost, never too late."""

from datetime import timedelta
from typing import Any

import pytest

from bot.announce import outbox
from bot.announce.outbox import Outbox
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
async def told(store: Store) -> Store:
    """A store whose only story was told in two channels."""
    await store.save_documents("s", make_documents(make_article(1)), START)
    posts = [new_post(1, await add(store, channel)) for channel in (CHANNEL, OTHER_CHANNEL)]
    await plan_revisions(store, 0, 1, posts, START, edit_since=START - DAY)
    for message, claimed in enumerate(await Outbox(store).claim(START, 9, [])):
        await Outbox(store).settle(claimed.post.id, Sent(100 + message), START)
    return store


async def change(store: Store, **changes: Any) -> int:  # noqa: ANN401 - any field of Article
    """Let the story change and the planner pass it; answers what was written."""
    await store.save_documents("s", make_documents(make_article(1, **changes)), START)
    view = await store.planner_snapshot(9)
    revision = view.stories[-1].revision
    return await plan_revisions(store, view.cursor, revision, [], START, edit_since=START - DAY)


async def due(store: Store, after: timedelta = timedelta()) -> list[DueEdit]:
    """The edits that are due."""
    return list(await store.due_edits(START + after, 9, []))


async def test_a_visible_change_plans_an_edit_of_every_message(told: Store) -> None:
    """In the transaction that moves the cursor; the edit carries the story as it is now."""
    assert await change(told, title="Better") == 2
    edits = await due(told)
    assert [100, 101] == sorted(edit.post.message_id or 0 for edit in edits)
    assert {"Better"} == {edit.story.article.title for edit in edits}


async def test_what_no_reader_sees_plans_nothing(told: Store) -> None:
    """Heat, quality."""
    assert await change(told, heat=50, quality=10) == 0


async def test_edits_and_cursor_are_written_together_or_not_at_all(
    told: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full when the posts are written: the edits are undone, the cursor stands."""

    async def full(*_: Any) -> int:  # noqa: ANN401 - whatever it is given
        raise StoreUnusableError("the disk is full")

    before = (await told.planner_snapshot(9)).cursor
    monkeypatch.setattr(outbox, "plan_posts", full)
    with pytest.raises(StoreUnusableError):
        await change(told, title="Better")
    assert ((await told.planner_snapshot(9)).cursor, await told.count_edits()) == (before, 0)
    monkeypatch.undo()
    assert await change(told, title="Better") == 2


async def test_messages_older_than_the_window_are_left_alone(told: Store) -> None:
    """They are part of the past."""
    await told.save_documents("s", make_documents(make_article(1, title="Better")), START)
    view = await told.planner_snapshot(9)
    revision = view.stories[-1].revision
    assert await plan_revisions(told, view.cursor, revision, [], START, edit_since=START) == 0


async def test_a_finished_edit_is_gone_unless_the_story_changed_again(told: Store) -> None:
    """Then the message is behind once more."""
    await change(told, title="Better")
    first, second = await due(told)
    await Outbox(told).finish_edit(first, START)
    assert await told.count_edits() == 1
    await change(told, title="Best")
    await Outbox(told).finish_edit(second, START)
    assert {"Best"} == {edit.story.article.title for edit in await due(told)}
    assert await told.count_edits() == 2


async def test_a_story_that_is_as_it_was_needs_no_edit(told: Store) -> None:
    """It changed and changed back after the message had been edited in between."""
    await change(told, title="Better")
    for edit in await due(told):
        await Outbox(told).finish_edit(edit, START)
    assert await change(told) == 2
    for edit in await due(told):
        await Outbox(told).finish_edit(edit, START)
    assert await told.count_edits() == 0


async def test_a_deleted_message_is_never_edited_again(told: Store) -> None:
    """Whatever becomes of its story."""
    await change(told, title="Better")
    for edit in await due(told):
        await Outbox(told).finish_edit(edit, START, removed=True)
    assert await change(told, title="Best") == 0


async def test_a_delayed_edit_waits_and_counts_its_attempts(told: Store) -> None:
    """A new change makes it due at once, with new patience."""
    await change(told, title="Better")
    edit, _ = await due(told)
    await told.delay_edit(edit, START + SECOND)
    assert len(await due(told)) == 1
    assert await told.next_due_at(START) == START + SECOND
    later = {each.post.id: each.attempts for each in await due(told, SECOND)}
    assert later[edit.post.id] == 1
    await change(told, title="Best")
    assert {each.attempts for each in await due(told)} == {0}


async def test_a_dropped_edit_is_gone(told: Store) -> None:
    """Its message was deleted."""
    await change(told, title="Better")
    for edit in await due(told):
        await told.drop_edit(edit)
    assert await told.count_edits() == 0


async def test_edits_are_one_per_channel_and_leave_busy_and_paused_ones_alone(
    told: Store,
) -> None:
    """As posts; nothing becomes due while a pause holds them."""
    await change(told, title="Better")
    assert len(await told.due_edits(START, 9, [CHANNEL])) == 1
    assert len(await told.due_edits(START, 1, [])) == 1
    await told.pause_channel(CHANNEL, PausedBy.BOT, PermissionsMissing(("Send Messages",)))
    assert [OTHER_CHANNEL] == [edit.post.channel_id for edit in await due(told)]
    await told.leave_guild(GUILD, START)
    assert await due(told) == []
    assert await told.next_due_at(START) is None


async def test_an_admins_pause_holds_no_edit(told: Store) -> None:
    """It stops news; what stands in the channel stays true."""
    await told.pause_channel(CHANNEL, PausedBy.ADMIN, Cause.PAUSED_BY_ADMIN)
    await change(told, title="Better")
    assert len(await due(told)) == 2


async def test_a_change_while_a_post_is_claimed_is_planned_when_it_is_settled(
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


async def test_when_two_attempts_told_it_differently_an_edit_makes_sure(
    store: Store,
) -> None:
    """The first attempt's message may be there, or the second's; then the story is as at first."""
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


async def test_a_clock_that_was_set_back_makes_what_waits_due(told: Store) -> None:
    """Posts that were put off by the wrong clock, and edits; not those of the right one."""
    await change(told, title="Better")
    edit, _ = await due(told)
    await told.delay_edit(edit, START + DAY)
    await told.save_documents("s", make_documents(make_article(2)), START)
    later = START + timedelta(hours=1)
    (subscription, *_) = await told.list_subscriptions(GUILD)
    view = await told.planner_snapshot(9)
    post = NewPost(2, subscription.id, GUILD, CHANNEL, "n", START + DAY)
    await plan_revisions(told, view.cursor, 3, [post], later, edit_since=START)
    assert list(await Outbox(told).claim(START, 9, [])) == []
    await told.reset_future_due_times(later)
    assert list(await Outbox(told).claim(later, 9, [])) == []
    await told.reset_future_due_times(START)
    assert [2] == [each.story.id for each in await Outbox(told).claim(START, 9, [])]
    assert (await told.count_posts())[PostStatus.CLAIMED] == 1
    assert len(await due(told)) == 2


async def test_a_message_without_its_embed_is_edited_although_nothing_changed(
    store: Store,
) -> None:
    """Discord took the embed away; the edit brings it."""
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
