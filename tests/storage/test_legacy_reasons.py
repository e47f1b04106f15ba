"""Reasons that earlier versions recorded as sentences, in databases that are upgraded."""

import sqlite3
from contextlib import closing
from datetime import time, timedelta
from pathlib import Path

import pytest

from storage.models import Notice
from storage.posts import PostStatus
from storage.reasons import (
    AccessRefused,
    Cause,
    ChannelDeleted,
    ChannelNotFound,
    ConnectionLost,
    DigestFull,
    HistoryTooLong,
    HistoryUnreadable,
    Legacy,
    MessageRefused,
    OperatorSkipped,
    PermissionsMissing,
    QuietHours,
    Reason,
    SameStory,
    ServerError,
    TooOld,
    decode_reason,
)
from storage.sqlite import SqliteStore
from storage.sqlite.migrating import APPLICATION_ID, load_migrations
from storage.sqlite.migrations.legacy_reasons import encode_legacy_notice, encode_legacy_reason

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
MAYBE = "it may have been sent: "
# Every sentence that versions 1 to 6 recorded, and its reason.
SENTENCES: dict[str, Reason] = {
    "the subscription was removed": Cause.SUBSCRIPTION_REMOVED,
    "the subscription was moved to another channel": Cause.SUBSCRIPTION_MOVED,
    "the subscription's rules were changed": Cause.RULES_CHANGED,
    "before the subscription was resumed": Cause.WAITED_DURING_PAUSE,
    "the story was withdrawn": Cause.STORY_WITHDRAWN,
    "a story of the digest was withdrawn": Cause.DIGEST_CHANGED,
    "published 8 days ago, older than 7 days": TooOld(8 * DAY, 7 * DAY),
    "published 47 hours ago, older than 1 hour": TooOld(47 * HOUR, HOUR),
    "published 5 minutes ago, older than 1 minute": TooOld(5 * MINUTE, MINUTE),
    "published 2 days ago, older than 0 minutes": TooOld(2 * DAY, timedelta()),
    "not among the best 10 of the digest": DigestFull(10),
    "the bot stopped while sending it": Cause.BOT_STOPPED,
    "an operator sends it again": Cause.OPERATOR_RETRIED,
    "an operator skipped it": OperatorSkipped(),
    "quiet until 08:00": QuietHours(time(8)),
    "quiet until 23:59": QuietHours(time(23, 59)),
    "by an admin": Cause.PAUSED_BY_ADMIN,
    "I lack Send Messages, Embed Links": PermissionsMissing(("Send Messages", "Embed Links")),
    "I lack Embed Links": PermissionsMissing(("Embed Links",)),
    "Discord refuses it: Missing Access": AccessRefused("Missing Access"),
    "Discord refuses it: ": AccessRefused(""),
    "Discord finds nothing there: 404: Not Found": ChannelNotFound("404: Not Found"),
    "the channel is gone: Unknown Channel": ChannelNotFound("Unknown Channel"),
    "the channel was deleted: Unknown Channel": ChannelDeleted("Unknown Channel"),
    "Discord refuses the message: Invalid Form Body\nIn embeds.0": MessageRefused(
        "Invalid Form Body\nIn embeds.0"
    ),
    "Discord refuses the message: 400": MessageRefused("400"),
    "it can't be rendered; the log tells more, please report it": Cause.RENDERING_FAILED,
    "Discord can't be reached": Cause.CONNECTION_FAILED,
    "the connection broke: Server disconnected": ConnectionLost("Server disconnected"),
    "rate limited": Cause.RATE_LIMITED,
    "the channel is in slow mode": Cause.SLOW_MODE,
    "Discord no longer takes the token": Cause.TOKEN_REJECTED,
    "Discord answered 503": ServerError(503),
    "Discord refused too much lately": Cause.TOO_MANY_REFUSALS,
    "the server has not come yet": Cause.GUILD_UNAVAILABLE,
    f"{MAYBE}the channel can't be seen": Cause.CHANNEL_INVISIBLE,
    f"{MAYBE}Read Message History is missing in the channel": Cause.HISTORY_FORBIDDEN,
    f"{MAYBE}the channel's history can't be read: 404 Not Found": HistoryUnreadable(
        "404 Not Found"
    ),
    f"{MAYBE}it is not among the first 1000 messages since it was sent": HistoryTooLong(1000),
    f"{MAYBE}it is not among the first 1000 messages since it was planned": HistoryTooLong(1000),
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_becomes_its_code(sentence: str) -> None:
    """Each sentence that was recorded stands for a reason with the same parameters."""
    stored = encode_legacy_reason(sentence, PostStatus.RETRY, None)
    assert decode_reason(stored) == SENTENCES[sentence]


@pytest.mark.parametrize(
    "note",
    ["told elsewhere", "quiet until 99:99", f"published {10**20} days ago, older than 7 days"],
)
def test_an_operators_comment_is_kept(note: str) -> None:
    """A skipped post with an unknown sentence was skipped by an operator, who wrote it."""
    stored = encode_legacy_reason(note, PostStatus.SKIPPED, None)
    assert decode_reason(stored) == OperatorSkipped(note)


def test_an_unknown_sentence_keeps_its_text() -> None:
    """Text that no version recorded is kept as it is."""
    assert decode_reason(encode_legacy_reason("who knows", None, None)) == Legacy("who knows")


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (
            "missing: Send Messages, Embed Links",
            PermissionsMissing(("Send Messages", "Embed Links")),
        ),
        ("I lack Embed Links", Cause.EMBED_REMOVED),
        ("Discord refuses it: Missing Access", AccessRefused("Missing Access")),
    ],
)
def test_a_notices_cause_becomes_its_code(cause: str, reason: Reason) -> None:
    """A missing permission and a refusal without a known cause remain different causes."""
    assert decode_reason(encode_legacy_notice(cause)) == reason


AT = "'2026-11-23T12:00:00.000000+00:00'"
# Version 6 wrote posts, history, subscriptions and notices like these.
ROWS = f"""
    INSERT INTO sources (id, name, rank) VALUES (1, 's', 0);
    INSERT INTO documents (id, source_id, key, size, modified_ns, digest, state, article_id,
        published_at, content)
    SELECT value, 1, value || '.md', 1, 1, 'x', 'live', value, {AT}, '{{}}'
    FROM json_each('[1, 2, 3, 4]');
    INSERT INTO articles (id, revision, document_id, content_hash, visible_hash, first_seen_at,
        withdrawn, title, dated_at, quality, provider)
    SELECT id, id, id, 'c', 'v', {AT}, 0, 'Title ' || id, {AT}, 80, '' FROM documents;
    INSERT INTO subscriptions (id, guild_id, channel_id, created_by, created_at, max_per_hour,
        paused_by, paused_reason)
    VALUES (1, 10, 20, 1, {AT}, 30, 'bot', 'I lack Embed Links'),
        (2, 10, 21, 1, {AT}, 30, 'admin', 'by an admin'), (3, 10, 22, 1, {AT}, 30, NULL, NULL);
    INSERT INTO posts (id, article_id, subscription_id, guild_id, channel_id, nonce, status,
        catch_up, planned_at, due_at, changed_at, settled_at)
    SELECT id, id, 1, 10, 20, 'n' || id, 'planned', 0, {AT}, {AT}, {AT}, {AT} FROM articles;
    UPDATE posts SET status = 'skipped', reason = 'told elsewhere', final = 1 WHERE id = 1;
    UPDATE posts SET status = 'folded', reason = 'tells the same as “Title 1”', told_by = 1
    WHERE id IN (2, 3);
    UPDATE posts SET reason = 'tells the same as “Title 4”', told_by = 4 WHERE id = 3;
    UPDATE posts SET status = 'retry', reason = 'Discord answered 502' WHERE id = 4;
    UPDATE posts SET status = 'claimed' WHERE id = 4;
    INSERT INTO settings (name, value) VALUES ('notice:20', '1 missing: Embed Links'),
        ('notice:21', ''), ('notice:22', '3 Discord refuses it: Missing Access'),
        ('commands:1', 'abc');
"""  # noqa: S608 - a constant


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A database of version 6."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        for migration in load_migrations():
            if migration.version <= 6:
                connection.create_function("casefold", 1, str.casefold)
                connection.executescript(migration.script)
        connection.executescript(ROWS)
        connection.executescript(
            f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 6"
        )
    return path


async def test_posts_and_pauses_keep_their_reasons(old: Path) -> None:
    """Statuses and pauses are unchanged; every reason is a code afterwards."""
    async with SqliteStore.open(old) as store:
        posts = [await store.get_post(number) for number in (1, 2, 3, 4)]
        assert [(post.status, post.reason) for post in posts] == [
            (PostStatus.SKIPPED, OperatorSkipped("told elsewhere")),
            (PostStatus.FOLDED, SameStory(1, "Title 1")),
            (PostStatus.FOLDED, SameStory(4, "Title 4")),
            (PostStatus.CLAIMED, ServerError(502)),
        ]
        subscriptions = await store.list_subscriptions(10)
        assert [each.paused_reason for each in subscriptions] == [
            PermissionsMissing(("Embed Links",)),
            Cause.PAUSED_BY_ADMIN,
            None,
        ]


async def test_histories_keep_their_reasons(old: Path) -> None:
    """A step of a post that has left the post into which it was folded keeps its sentence."""
    async with SqliteStore.open(old) as store:
        reasons = [
            [event.reason for event in await store.post_history(number)] for number in (1, 2, 3, 4)
        ]
    assert reasons == [
        [None, OperatorSkipped("told elsewhere")],
        [None, SameStory(1, "Title 1")],
        [None, Legacy("tells the same as “Title 1”")],
        [None, ServerError(502), ServerError(502)],
    ]


async def test_notices_move_to_their_own_table(old: Path) -> None:
    """The settings contain no notices any more; other settings are unchanged."""
    async with SqliteStore.open(old) as store:
        assert await store.get_notice(20) == Notice(1, PermissionsMissing(("Embed Links",)))
        assert await store.get_notice(21) is None
        assert await store.get_notice(22) == Notice(3, AccessRefused("Missing Access"))
        assert await store.get_value("commands:1") == "abc"
    with closing(sqlite3.connect(old)) as connection:
        rows = connection.execute("SELECT count(*) FROM settings WHERE name GLOB 'notice:*'")
        assert rows.fetchone() == (0,)
