"""Opening databases of every earlier version keeps all of their data."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.announce.outbox import Outbox
from bot.announce.subscription_lifecycle import restore_subscription
from storage.models import (
    DeliveryOptions,
    Digest,
    DigestDays,
    Fingerprint,
    Image,
    Kind,
    Mention,
    Notice,
    Order,
    PausedBy,
    Provider,
    QuietHours,
    RelatedArticle,
    Rules,
    StoryQuery,
)
from storage.open import open_store
from storage.posts import PostStatus
from storage.protocols import Store
from storage.reasons import (
    AccessRefused,
    Cause,
    DigestFull,
    MessageRefused,
    OperatorSkipped,
    PermissionsMissing,
    Reason,
    SameStory,
    ServerError,
    TooOld,
)
from storage.reasons import QuietHours as UntilQuietHoursEnd
from storage.sqlite.migrating import load_migrations
from tests.storage.sqlite.old_databases import VERSIONS, build_old_database
from tests.support.articles import make_article, make_document
from tests.support.clock import START
from tests.support.database import path_of
from tests.support.outbox import load, plan, post_of

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# The version whose last write to its first source was a state token.
TOKENS = 3
# The first versions with all rules and options of subscriptions, with archive stories and notices,
# and with missing documents.
RICH, ARCHIVE, MISSING = 4, 5, 6

BASE_POSTS: dict[int, tuple[PostStatus, Reason | None]] = {
    1: (PostStatus.SENT, None),
    2: (PostStatus.FAILED, MessageRefused("Invalid Form Body")),
    3: (PostStatus.UNCERTAIN, Cause.CHANNEL_INVISIBLE),
    4: (PostStatus.SKIPPED, TooOld(9 * DAY, 7 * DAY)),
    5: (PostStatus.RETRY, ServerError(503)),
    6: (PostStatus.RETRY, Cause.CONNECTION_FAILED),
    7: (PostStatus.SENT, None),
    8: (PostStatus.PLANNED, Cause.OPERATOR_RETRIED),
    9: (PostStatus.SENT, None),
    10: (PostStatus.CLAIMED, None),
    11: (PostStatus.PLANNED, None),
    12: (PostStatus.PLANNED, None),
    13: (PostStatus.PLANNED, None),
    14: (PostStatus.SKIPPED, Cause.SUBSCRIPTION_REMOVED),
}
LATER_POSTS: dict[int, tuple[PostStatus, Reason | None]] = {
    15: (PostStatus.SENT, None),
    16: (PostStatus.SENT, None),
    17: (PostStatus.SKIPPED, DigestFull(2)),
    18: (PostStatus.SENT, None),
    19: (PostStatus.FOLDED, SameStory(18, "Report 15")),
    20: (PostStatus.PLANNED, UntilQuietHoursEnd(time(6, 30))),
    21: (PostStatus.PLANNED, None),
    22: (PostStatus.SKIPPED, Cause.SUBSCRIPTION_MOVED),
    23: (PostStatus.SKIPPED, Cause.RULES_CHANGED),
    24: (PostStatus.SKIPPED, Cause.WAITED_DURING_PAUSE),
}


@dataclass(frozen=True)
class Upgraded:
    """A store on an upgraded database of an earlier version."""

    version: int
    store: Store
    before: dict[str, int]
    after: dict[str, int]

    @property
    def rich(self) -> bool:
        """Whether the version had all rules and options of subscriptions."""
        return self.version >= RICH


@pytest.fixture(params=VERSIONS)
async def upgraded(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Upgraded]:
    """A database of each earlier version, opened by this one."""
    path = tmp_path / "old.db"
    await build_old_database(path, request.param)
    before = count_rows(path)
    async with open_store(path) as store:
        yield Upgraded(request.param, store, before, count_rows(path))


def since(version: int) -> pytest.MarkDecorator:
    """Test only with databases of a version and later ones."""
    later = [each for each in VERSIONS if each >= version]
    return pytest.mark.parametrize("upgraded", later, indirect=True)


def count_rows(path: Path) -> dict[str, int]:
    """The number of rows of each table, and the schema's version under its pragma's name."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [
            row[0]
            for row in connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table'"
                " AND name NOT LIKE 'articles_fts%' AND name NOT LIKE 'sqlite_%'"
                " AND name != 'upgrade_steps'"
            )
        ]
        counts = {
            table: int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - a table
            for table in tables
        }
        return {
            **counts,
            "user_version": int(connection.execute("PRAGMA user_version").fetchone()[0]),
        }


def read_schema(path: Path) -> list[tuple[str, str]]:
    """Tables and indexes, with the SQL that made them."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name"))


def test_each_earlier_version_has_a_database() -> None:
    """A new migration needs rows of the previous version."""
    assert {migration.version for migration in load_migrations()[:-1]} <= set(VERSIONS)


async def test_the_schema_is_that_of_a_new_database(upgraded: Upgraded, tmp_path: Path) -> None:
    """A published migration is never edited."""
    new = tmp_path / "new.db"
    async with open_store(new):
        assert read_schema(path_of(upgraded.store)) == read_schema(new)


def test_no_row_is_lost(upgraded: Upgraded) -> None:
    """Notices and counters move between tables; all other rows stay in theirs."""
    before, after = upgraded.before, upgraded.after
    assert before.pop("user_version") == upgraded.version
    assert after.pop("user_version") == load_migrations()[-1].version
    kept = before.keys() - {"settings"}
    assert {table: after[table] for table in kept} == {table: before[table] for table in kept}
    assert before["posts"] == (24 if upgraded.rich else 14)


async def test_stories_survive(upgraded: Upgraded) -> None:
    """They have the content of their documents and are found by topic, quality, date and words."""
    store = upgraded.store
    first = await store.get_story(1)
    assert (first.first_seen_at, first.withdrawn, first.revision) == (START, False, 1)
    article = first.article
    assert (article.title, article.quality) == ("“Ä” 🛰 knits", 99)
    assert article.topics == ("AI", "Größe")
    assert article.provider == Provider("The Example", "news.example")
    assert article.images == (Image("https://news.example/1.png", 640, 480),)
    assert article.related == (
        RelatedArticle(
            "Turbines turn", "https://other.example/1", provider=Provider("Harbor Herald")
        ),
    )
    assert (await store.get_story(9)).withdrawn
    assert await store.count_stories() == (18 if upgraded.rich else 10)
    for query in (
        StoryQuery("turbines"),
        StoryQuery(topics=("GRÖSSE",)),
        StoryQuery(min_quality=99),
    ):
        assert [story.id for story in (await store.find_stories(query)).stories] == [1]
    newest, best = [
        (await store.find_stories(StoryQuery(order=order, limit=3))).stories
        for order in (Order.NEWEST, Order.BEST)
    ]
    assert [story.id for story in newest] == [story.id for story in best] == [1, 2, 3]
    topics = {topic.name: topic.stories for topic in await store.list_topics(9)}
    assert topics == {"AI": 17 if upgraded.rich else 9, "Größe": 1, "Golf": 1}
    assert (await store.get_story(11)).archive == (upgraded.version >= ARCHIVE)


async def test_documents_survive(upgraded: Upgraded) -> None:
    """Unchanged documents are known, rejected ones are still rejected, and state tokens valid."""
    store = upgraded.store
    known = await store.known_documents("folder:news", "settings")
    assert known.get("1.md") == Fingerprint(100, 1, "dhttps://news.example/1")
    kept = {f"{number}.md" for number in (1, 2, 3, 4, 5, 6, 7, 8, 10)}
    later = {f"{number}.md" for number in range(12, 20)} if upgraded.rich else set[str]()
    assert known.keys() == kept | later | {"broken.md", "draft.md"}
    assert [str(each.rejection) for each in await store.rejected_documents()] == [
        "line 3, title: is not valid YAML"
    ]
    assert await store.state_token("folder:news", "settings") == (
        "holdings" if upgraded.version == TOKENS else None
    )


async def test_sources_survive(upgraded: Upgraded) -> None:
    """They keep their order and the results of their last reads."""
    news, feed = await upgraded.store.list_sources()
    assert (news.name, feed.name) == ("folder:news", "feed:old")
    assert (news.documents, news.rejected, feed.documents) == (
        19 if upgraded.rich else 11,
        1,
        1,
    )
    if upgraded.version == 1:
        assert (news.last_run_at, feed.error) == (None, None)
    else:
        assert (news.last_run_at, news.last_success_at, news.error) == (START, START, None)
        assert (feed.last_run_at, feed.last_success_at) == (START + HOUR, START)
        assert feed.error == "it is away"


async def test_subscriptions_survive(upgraded: Upgraded) -> None:
    """They keep their rules, their seen stories and the reasons of their pauses."""
    store = upgraded.store
    running, everything, closed = (await store.list_subscriptions(10))[:3]
    (left,) = await store.list_subscriptions(11)
    spec = running.spec
    assert spec.rules == Rules(topics=("AI", "GRÖSSE"), min_quality=70)
    assert (running.guild_id, spec.channel_id, spec.max_per_hour) == (10, 20, 30)
    assert spec.delivery == DeliveryOptions(fold=not upgraded.rich)
    assert (running.created_by, running.created_at) == (7, START)
    assert running.fresh_after == START - 7 * DAY
    assert everything.spec.rules == Rules(min_quality=60)
    assert everything.spec.delivery == DeliveryOptions()
    assert closed.paused_by is PausedBy.BOT
    assert closed.paused_reason == PermissionsMissing(("Send Messages", "Embed Links"))
    assert await store.seen_by(10, 11) == {running.id}
    assert left.guild_id == 11
    assert await store.rejoin_guild(11) == 1


async def test_posts_survive(upgraded: Upgraded) -> None:
    """Each has its status, and the sentence of its reason has become a code."""
    store = upgraded.store
    expected = BASE_POSTS | (LATER_POSTS if upgraded.rich else {})
    posts = {number: await store.get_post(number) for number in expected}
    assert {number: (post.status, post.reason) for number, post in posts.items()} == expected
    assert [posts[number].message_id for number in (1, 7, 9)] == [501, 502, 503]
    assert [posts[number].nonce for number in (1, 11)] == ["nonce-1-1", "nonce-1-2"]
    unknown = posts[5]
    assert (unknown.attempts, unknown.due_at) == (1, START + 10 * MINUTE)
    assert unknown.unknown_since is not None
    assert (posts[6].unknown_since, posts[14].subscription_id) == (None, None)
    assert posts[8].catch_up


async def test_the_history_of_posts_survives(upgraded: Upgraded) -> None:
    """All steps are kept, including an operator's comment."""
    store = upgraded.store
    steps = [(step.status, step.reason) for step in await store.post_history(8)]
    assert steps == [
        (PostStatus.PLANNED, None),
        (PostStatus.CLAIMED, None),
        (PostStatus.SKIPPED, OperatorSkipped("nobody needs it")),
        (PostStatus.PLANNED, Cause.OPERATOR_RETRIED),
    ]
    assert [step.at for step in await store.post_history(1)] == [START, START, START + MINUTE]


async def test_edits_survive(upgraded: Upgraded) -> None:
    """One story got a new title and one was withdrawn after their messages were sent."""
    store = upgraded.store
    assert await store.count_edits() == 2
    first = [edit.post.id for edit in await store.due_edits(START + DAY, 9, [])]
    assert first in ([7], [9])


async def test_values_survive(upgraded: Upgraded) -> None:
    """The bot's own values and the planner's cursor are kept."""
    store = upgraded.store
    assert await store.get_value("commands") == "0123456789abcdef"
    assert await store.get_value("notice:22") is None
    snapshot = await store.planner_snapshot(99)
    assert snapshot.cursor > 0
    assert 1 not in {story.id for story in snapshot.stories}


@since(RICH)
async def test_rules_and_options_survive(upgraded: Upgraded) -> None:
    """Every rule and option of a subscription and the pause by an admin are kept."""
    store = upgraded.store
    digest = await store.get_subscription(10, 6)
    assert digest.spec.rules == Rules(
        topics=("AI",),
        min_quality=10,
        without_topics=("Golf",),
        providers=("The Example",),
        min_heat=-1,
        kinds=(Kind.ARTICLE,),
        words=("report",),
        without_words=("lottery",),
    )
    assert digest.spec.delivery == DeliveryOptions(
        timezone="Asia/Kathmandu",
        digest=Digest(DigestDays.WEEKLY, time(7, 30), weekday=4, best=2),
        quiet=QuietHours(time(22), time(6, 30)),
        mention=Mention(77, 90),
        silent=True,
        fold=True,
    )
    paused = await store.get_subscription(10, 8)
    assert (paused.paused_by, paused.paused_reason) == (PausedBy.ADMIN, Cause.PAUSED_BY_ADMIN)
    assert (await store.get_subscription(10, 10)).spec.channel_id == 29


@since(RICH)
async def test_digests_and_coverage_survive(upgraded: Upgraded) -> None:
    """The messages still show the same stories."""
    store = upgraded.store
    digest, folding = await store.get_delivered(15), await store.get_delivered(18)
    assert [story.id for story in digest.digest] == [12, 13]
    assert [story.id for story in folding.coverage] == [16]
    assert (await store.get_post(16)).lead_post_id == 15
    assert (await store.get_post(19)).lead_post_id == 18


@since(RICH)
async def test_a_removal_can_still_be_undone(upgraded: Upgraded) -> None:
    """The subscription's posts wait again."""
    store = upgraded.store
    restored = await restore_subscription(store, 10, 9, START)
    assert restored.spec.channel_id == 27
    assert (await store.get_post(21)).status is PostStatus.PLANNED


@since(RICH)
async def test_drafts_and_roles_survive(upgraded: Upgraded) -> None:
    """An editor that is open during the update can still save."""
    store = upgraded.store
    assert await store.get_draft(10, 1) == '{"channel":20}'
    assert await store.save_draft(10, 7, "{}", START) == 2
    assert await store.access_roles(10) == {5}


@since(ARCHIVE)
async def test_notices_survive(upgraded: Upgraded) -> None:
    """They were values with a sentence; nothing is reported to the admins a second time."""
    store = upgraded.store
    assert await store.get_notice(22) == Notice(
        3, PermissionsMissing(("Send Messages", "Embed Links"))
    )
    assert await store.get_notice(40) == Notice(4, AccessRefused("Missing Access"))
    assert await store.get_notice(41) is None


@since(MISSING)
async def test_missing_documents_are_still_missing(upgraded: Upgraded) -> None:
    """The key of one belongs to a new article when it is used again."""
    store = upgraded.store
    again = make_document("19.md", make_article(41))
    await store.save_documents("folder:news", [again], START + DAY)
    assert (await store.get_story(19)).withdrawn
    assert (await store.find_stories(StoryQuery("Story 41"))).total == 1


async def test_the_bot_continues_with_an_upgraded_database(upgraded: Upgraded) -> None:
    """The planner finds the old subscriptions and messages, and the sender the waiting posts."""
    store = upgraded.store
    assert await Outbox(store).recover_claims(START + HOUR) == 1
    await load(store, make_article(40, title="Something else", topics=("größe",)))
    story = (await store.planner_snapshot(99)).stories[-1]
    running = (await store.planner_snapshot(99)).subscriptions[0]
    assert running.id == 1
    await plan(store, (story.id, running, (1,)), now=START + DAY, due_at=START + DAY)
    planned = await post_of(store, story.id)
    assert planned.id == (25 if upgraded.rich else 15)
    assert (planned.status, planned.lead_post_id) == (PostStatus.FOLDED, 1)
    later = START + 8 * DAY
    claimed = await Outbox(store).claim(later, 9, [])
    assert {20, 21} <= {each.post.channel_id for each in claimed}
