"""A store in which every method has an effect, and an effective call of each method."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from bot.announce.outbox import Outbox
from bot.announce.subscription_lifecycle import remove_subscription
from storage.models import (
    NewSubscription,
    Notice,
    PausedBy,
    Rejection,
    Rules,
    StoryQuery,
    SubscriptionSpec,
)
from storage.posts import Announced, NewPost, Placement, PostStatus, RecoveredChannel, Sent
from storage.protocols import Store
from storage.protocols.transaction import Transaction
from storage.reasons import Cause
from tests.support.articles import make_article, make_document, make_documents
from tests.support.clock import START
from tests.support.outbox import (
    CHANNEL,
    GUILD,
    HOUR,
    OTHER_CHANNEL,
    add_subscription,
    claim,
    plan,
    subscribe,
)

Call: TypeAlias = Callable[[Store], Awaitable[object]]

SOURCE, UNNAMED = "folder:news", "folder:removed"
LEFT_GUILD, REMOVED_CHANNEL = 11, 22
# The subscriptions and the draft that `prepare` makes.
RUNNING, PAUSED, REMOVED, DRAFT = 1, 2, 3, 1


async def prepare(store: Store) -> None:
    """Fill an empty store."""
    await store.register_sources([SOURCE])
    broken = make_document("broken.md", Rejection("is not valid YAML"))
    await store.save_documents(
        SOURCE, [*make_documents(*map(make_article, range(1, 7))), broken], START
    )
    # Nothing has the topic Old in the end.
    for topics in (("Old",), ("AI", "New")):
        documents = make_documents(make_article(7, topics=topics))
        await store.save_documents(UNNAMED, documents, START)
    await store.finish_reading(SOURCE, "settings", "token")
    running = await subscribe(store, seen=[6])
    paused = await subscribe(store, OTHER_CHANNEL)
    removed = await subscribe(store, REMOVED_CHANNEL)
    assert [RUNNING, PAUSED, REMOVED] == [running.id, paused.id, removed.id]
    new = NewSubscription(LEFT_GUILD, 1, START, SubscriptionSpec(30))
    await add_subscription(store, new, revision=0)
    await plan(store, *((story, running, ()) for story in (1, 2, 3, 4)), (1, paused, ()))
    await store.pause_channel(OTHER_CHANNEL, PausedBy.BOT, Cause.EMBED_REMOVED)
    await store.save_notice(OTHER_CHANNEL, Notice(PAUSED, Cause.EMBED_REMOVED))
    await Outbox(store).settle((await claim(store)).post.id, Sent(500), START)
    await store.transact(lambda transaction: transaction.schedule_edits([1], START))
    (edit,) = await store.due_edits(START, 9, [])
    await store.delay_edit(edit, START)
    await claim(store)
    await remove_subscription(store, GUILD, REMOVED, START)
    await store.leave_guild(LEFT_GUILD, START)
    await store.set_access(GUILD, 5, True)
    assert await store.save_draft(GUILD, 1, "{}", START) == DRAFT
    await store.set_value("name", "value")
    recovered = RecoveredChannel(CHANNEL, "backup", START, 1)
    found = {"https://news.example/1": Announced(500, START, Placement.STORY)}
    await store.transact(lambda transaction: transaction.record_recovery(recovered, found))


async def _write(transaction: Transaction) -> None:
    await transaction.move_cursor(99)
    await transaction.set_seen(RUNNING, [1, 2, 3])
    await transaction.schedule_edits([2], START)
    post = NewPost(5, RUNNING, GUILD, CHANNEL, "nonce", START)
    assert await transaction.insert_posts([post], START) == 1


async def _delay_edit(store: Store) -> None:
    (edit,) = await store.due_edits(START, 9, [])
    await store.delay_edit(edit, START + HOUR)


async def _drop_edit(store: Store) -> None:
    (edit,) = await store.due_edits(START, 9, [])
    await store.drop_edit(edit)


CALLS: Mapping[str, Call] = {
    # AccessStore
    "access_roles": lambda store: store.access_roles(GUILD),
    "set_access": lambda store: store.set_access(GUILD, 5, False),
    # ArticleStore
    "register_sources": lambda store: store.register_sources([SOURCE, "folder:new"]),
    "withdraw_unregistered_sources": lambda store: store.withdraw_unregistered_sources(),
    "known_documents": lambda store: store.known_documents(SOURCE, "settings"),
    "save_documents": lambda store: store.save_documents(
        SOURCE, make_documents(make_article(1, title="Edited"), make_article(8)), START
    ),
    "forget_absent": lambda store: store.forget_absent(SOURCE, {"1.md"}, duplicates=True),
    "mark_missing": lambda store: store.mark_missing(SOURCE, ["1.md"]),
    "withdraw_documents": lambda store: store.withdraw_documents(SOURCE, ["1.md", "2.md"]),
    "finish_reading": lambda store: store.finish_reading(SOURCE, "other settings"),
    "compact_search_index": lambda store: store.compact_search_index(),
    "state_token": lambda store: store.state_token(SOURCE, "settings"),
    "rejected_documents": lambda store: store.rejected_documents(),
    # EditorDraftStore
    "save_draft": lambda store: store.save_draft(GUILD, 1, "{}", START),
    "get_draft": lambda store: store.get_draft(GUILD, DRAFT),
    "update_draft": lambda store: store.update_draft(GUILD, DRAFT, '{"a": 1}'),
    "remove_draft": lambda store: store.remove_draft(GUILD, DRAFT),
    "remove_old_drafts": lambda store: store.remove_old_drafts(START + 24 * HOUR),
    # GuildStore
    "leave_guild": lambda store: store.leave_guild(GUILD, START),
    "rejoin_guild": lambda store: store.rejoin_guild(LEFT_GUILD),
    "subscribed_guilds": lambda store: store.subscribed_guilds(),
    "pause_channel": lambda store: store.pause_channel(CHANNEL, PausedBy.BOT, Cause.EMBED_REMOVED),
    "resume_channel": lambda store: store.resume_channel(OTHER_CHANNEL, PausedBy.BOT),
    "paused_channels": lambda store: store.paused_channels(PausedBy.BOT, 9),
    # KeyValueStore
    "get_value": lambda store: store.get_value("name"),
    "set_value": lambda store: store.set_value("name", "another value"),
    "delete_value": lambda store: store.delete_value("name"),
    # MonitoringStore
    "outbox_state": lambda store: store.outbox_state(START),
    "source_runs": lambda store: store.source_runs(),
    "last_change_before": lambda store: store.last_change_before(START + HOUR),
    "count_changes": lambda store: store.count_changes(0),
    # NoticeStore
    "get_notice": lambda store: store.get_notice(OTHER_CHANNEL),
    "save_notice": lambda store: store.save_notice(CHANNEL, Notice(PAUSED, Cause.EMBED_REMOVED)),
    "clear_notice": lambda store: store.clear_notice(OTHER_CHANNEL),
    # OutboxStore
    "acquire_outbox": lambda store: store.acquire_outbox(),
    "transact": lambda store: store.transact(_write),
    "planner_snapshot": lambda store: store.planner_snapshot(9, planned_since=START),
    "has_due_posts": lambda store: store.has_due_posts(START, []),
    "due_edits": lambda store: store.due_edits(START, 9, []),
    "delay_edit": _delay_edit,
    "drop_edit": _drop_edit,
    "due_follow_ups": lambda store: store.due_follow_ups(START, 9, []),
    "list_follow_ups": lambda store: store.list_follow_ups(1),
    "correct_times": lambda store: store.correct_times(START - HOUR, lambda _, now: now),
    "retry_after_outage": lambda store: store.retry_after_outage(START - HOUR, ["server_error"]),
    "next_due_at": lambda store: store.next_due_at(START - HOUR),
    "has_capped_posts": lambda store: store.has_capped_posts(START),
    "data_version": lambda store: store.data_version(),
    "get_post": lambda store: store.get_post(1),
    "find_post": lambda store: store.find_post(1, CHANNEL),
    "get_delivered": lambda store: store.get_delivered(1),
    "list_posts": lambda store: store.list_posts(list(PostStatus), 9),
    "post_history": lambda store: store.post_history(1),
    "count_edits": lambda store: store.count_edits(),
    "count_posts": lambda store: store.count_posts(),
    # RecoveryStore
    "channels_to_recover": lambda store: store.channels_to_recover("backup"),
    "recovered_from": lambda store: store.recovered_from("backup"),
    "forget_recoveries": lambda store: store.forget_recoveries(START + HOUR),
    # RetentionStore
    "sweep_articles": lambda store: store.sweep_articles(START + 1000 * HOUR, 0),
    "forget_names": lambda store: store.forget_names(),
    # SourceStore
    "record_run": lambda store: store.record_run(SOURCE, START, "it is away"),
    "list_sources": lambda store: store.list_sources(),
    # StoryStore
    "find_stories": lambda store: store.find_stories(StoryQuery(text="story")),
    "complete_titles": lambda store: store.complete_titles("sto", 5),
    "get_story": lambda store: store.get_story(1),
    "find_story_by_address": lambda store: store.find_story_by_address("https://news.example/1"),
    "find_messages": lambda store: store.find_messages(1, GUILD),
    "suggest_words": lambda store: store.suggest_words("storry"),
    "complete_providers": lambda store: store.complete_providers("the", 5),
    "get_provider": lambda store: store.get_provider("the example"),
    "get_provider_by_id": lambda store: store.get_provider_by_id(1),
    "count_by_week": lambda store: store.count_by_week(1, START - HOUR, START),
    "list_topics": lambda store: store.list_topics(5),
    "count_topics": lambda store: store.count_topics(),
    "complete_topics": lambda store: store.complete_topics("a", 5),
    "get_topic": lambda store: store.get_topic("AI"),
    "get_topic_by_id": lambda store: store.get_topic_by_id(1),
    "summarise_topic": lambda store: store.summarise_topic(1),
    "count_stories": lambda store: store.count_stories(),
    # SubscriptionStore
    "subscription_snapshot": lambda store: store.subscription_snapshot(Rules(), CHANNEL, START, 5),
    "get_subscription": lambda store: store.get_subscription(GUILD, RUNNING),
    "list_subscriptions": lambda store: store.list_subscriptions(GUILD),
    "damaged_subscriptions": lambda store: store.damaged_subscriptions(GUILD),
    "subscription_activity": lambda store: store.subscription_activity(GUILD, RUNNING, START),
    "seen_by": lambda store: store.seen_by(GUILD, 6),
}

# These methods write nothing, and don't wait for writers.
READING = {
    "channels_to_recover",
    "recovered_from",
    "access_roles",
    "subscribed_guilds",
    "paused_channels",
    "known_documents",
    "state_token",
    "rejected_documents",
    "get_draft",
    "get_value",
    "outbox_state",
    "source_runs",
    "last_change_before",
    "count_changes",
    "get_notice",
    "list_sources",
    "find_stories",
    "complete_titles",
    "get_story",
    "find_story_by_address",
    "find_messages",
    "suggest_words",
    "complete_providers",
    "get_provider",
    "get_provider_by_id",
    "count_by_week",
    "list_topics",
    "count_topics",
    "complete_topics",
    "get_topic",
    "get_topic_by_id",
    "summarise_topic",
    "count_stories",
    "subscription_snapshot",
    "get_subscription",
    "list_subscriptions",
    "damaged_subscriptions",
    "subscription_activity",
    "seen_by",
    # It has a different lock from that of the writers.
    "planner_snapshot",
    "has_due_posts",
    "due_edits",
    "due_follow_ups",
    "list_follow_ups",
    "next_due_at",
    "has_capped_posts",
    "data_version",
    "get_post",
    "find_post",
    "get_delivered",
    "list_posts",
    "post_history",
    "count_edits",
    "count_posts",
}
WRITING = CALLS.keys() - READING
