"""`storywire posts`: what an operator sees of the outbox and can change in it."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import time, timedelta
from typing import TypeVar

import pytest

from bot.announce.outbox import Outbox
from bot.announce.subscription_lifecycle import remove_subscription
from storage.models import NewSubscription, SubscriptionSpec
from storage.open import open_store
from storage.posts import (
    Failed,
    FollowUp,
    FollowUpAction,
    FollowUpStatus,
    Held,
    NewPost,
    Post,
    PostStatus,
    RetryAt,
    Sent,
    Settlement,
    Uncertain,
)
from storage.protocols import Store
from storage.protocols.transaction import Transaction
from storage.reasons import Cause, MessageRefused, OperatorSkipped, QuietHours
from tests.cli.support import Terminal
from tests.support.articles import make_article, make_documents
from tests.support.clock import START
from tests.support.outbox import add_subscription, plan_revisions

T = TypeVar("T")

CHANNEL = 1234567890123456789
MINUTE = timedelta(minutes=1)
# Post 1 is planned, and so on.
SETTLEMENTS: dict[int, Settlement | None] = {
    1: None,
    2: Sent(77),
    3: Uncertain(Cause.HISTORY_FORBIDDEN),
    4: Failed(MessageRefused("Invalid Form Body")),
    5: RetryAt(START + MINUTE, Cause.CONNECTION_FAILED),
}
TITLES = {
    2: "\x1b[31mRed\x07 [bold]alert[/bold]",
    3: "A title that is quite a bit longer than what a row of eighty columns can hold in one line",
}


def use(terminal: Terminal, work: Callable[[Store], Awaitable[T]]) -> T:
    """Run something with the terminal's database."""

    async def run() -> T:
        async with open_store(terminal.folder / "var/storywire.db") as store:
            return await work(store)

    return asyncio.run(run())


def post(terminal: Terminal, number: int) -> Post:
    """The current state of a post."""
    return use(terminal, lambda store: store.get_post(number))


async def fill(store: Store) -> None:
    """Five stories, a channel, and a post in each state."""
    articles = [make_article(n, title=TITLES.get(n, f"Story {n}")) for n in SETTLEMENTS]
    await store.save_documents("s", make_documents(*articles), START)
    for number in SETTLEMENTS:
        new = NewSubscription(10, 1, START, SubscriptionSpec(CHANNEL + number))
        subscription = await add_subscription(store, new, revision=0, seen=[], catch_up=[])
        channel = subscription.spec.channel_id
        planned = [
            NewPost(
                number, subscription.id, subscription.guild_id, channel, f"nonce{number}", START
            )
        ]
        cursor = (await store.planner_snapshot(0)).cursor
        await plan_revisions(store, cursor, number, planned, START, edit_since=START)
    claimed = await Outbox(store).claim(START, 9, [CHANNEL + 1])
    for each in claimed:
        settlement = SETTLEMENTS[each.story.id]
        assert settlement is not None
        await Outbox(store).settle(each.post.id, settlement, START + each.story.id * MINUTE)


@pytest.fixture
def desk(terminal: Terminal) -> Terminal:
    """A terminal beside a database with five posts."""
    use(terminal, fill)
    return terminal


def test_posts_are_listed_in_80_columns(desk: Terminal) -> None:
    """Counts come first, then the latest posts. The reason of a post is below its title."""
    result = desk.run("posts", COLUMNS="80")
    assert (0, "") == (result.status, result.err)
    first, *table = result.out.splitlines()
    assert first == "1 planned, 1 retry, 1 sent, 1 failed, 1 uncertain"
    assert max(map(len, table)) <= 80
    ids = [int(line.split()[0]) for line in table if re.match(r" *\d+ ", line)]
    assert ids == [5, 4, 3, 2, 1]
    assert f" {CHANNEL + 3} " in result.out
    words = " ".join(result.out.split())
    assert "Nov 23 12:04" in words
    assert "Invalid Form Body" in words


def test_output_to_a_pipe_is_not_wrapped(desk: Terminal) -> None:
    """A title stays on one line, so that it can be searched for."""
    assert TITLES[3] in desk.run("posts").out


def test_a_waiting_post_shows_when_it_is_due(desk: Terminal) -> None:
    """It does not show when it was tried: quiet hours can hold a post that was claimed already."""

    async def hold(store: Store) -> None:
        await Outbox(store).override(4, None, START)
        (claimed,) = await Outbox(store).claim(START + 9 * MINUTE, 1, [CHANNEL + 1, CHANNEL + 5])
        until = START + timedelta(hours=8)
        await Outbox(store).settle(claimed.post.id, Held(until, QuietHours(time(20))), START)

    use(desk, hold)
    rows = map(str.split, desk.run("posts").out.splitlines())
    assert next(row for row in rows if row[:1] == ["4"])[1:5] == ["planned", "Nov", "23", "20:00"]
    assert "due (UTC) 2026-11-23 20:00:00" in squeezed(desk.run("posts", "show", "4").out)
    assert "due (UTC)" not in desk.run("posts", "show", "2").out


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_each_command_takes_the_settings_file(desk: Terminal) -> None:
    """`--config` is accepted before and after the command's name; the latter takes precedence."""
    desk.write("other.yaml", "database: nowhere.db")
    desk.write("this.yaml", "database: var/storywire.db")
    for arguments in (("show", "1"), ("skip", "1"), ("retry", "1")):
        command, number = arguments
        other = desk.run("posts", command, number, "--config", "other.yaml")
        assert other.complaint.startswith("nowhere.db does not exist yet")
        assert other == desk.run("posts", "--config", "other.yaml", command, number)
        both = ("--config", "other.yaml", command, number, "--config", "this.yaml")
        assert desk.run("posts", *both).status == 0


def test_a_title_cannot_control_the_terminal(desk: Terminal) -> None:
    """Control characters are removed, and markup is plain text."""
    result = desk.run("posts", "--status", "sent")
    assert not {"\x1b", "\x07"} & set(result.out)
    assert "[bold]alert[/bold]" in result.out


def test_posts_are_filtered_by_status_and_limited(desk: Terminal) -> None:
    result = desk.run("posts", "--status", "failed", "--status", "uncertain", "--limit", "1")
    ids = [line.split()[0] for line in result.out.splitlines() if re.match(r" *\d+ +[a-z]", line)]
    assert ids[-1:] == ["4"]
    assert "uncertain " not in result.out.splitlines()[-1]


def test_show_lists_what_follows_a_message(desk: Terminal) -> None:
    """With the time until which it waits, and the reason."""
    waiting = FollowUp(
        2,
        FollowUpAction.PUBLISH,
        CHANNEL + 2,
        sent_at=START,
        due_at=START + MINUTE,
        reason=Cause.PUBLISHING_LIMIT,
    )
    done = replace(waiting, action=FollowUpAction.DISCUSS, status=FollowUpStatus.DONE, reason=None)

    async def add(transaction: Transaction) -> None:
        await transaction.insert_follow_ups([waiting, done], START)

    use(desk, lambda store: store.transact(add))
    shown = squeezed(desk.run("posts", "show", "2").out)
    reason = "Discord limits publishing in the channel"
    assert f"publish waiting until 2026-11-23 12:01:00: {reason}" in shown
    assert "discuss done" in shown


def test_show_prints_the_history_of_a_post(desk: Terminal) -> None:
    result = desk.run("posts", "show", "3")
    steps = re.findall(r"2026-11-23 12:0\d:00 +(\w+)", result.out)
    assert steps == ["planned", "claimed", "uncertain"]
    assert "Read Message History" in result.out
    assert f"{CHANNEL + 3}" in result.out


@pytest.mark.parametrize("number", [1, 3, 4, 5])
def test_retry_plans_a_post_again(desk: Terminal, number: int) -> None:
    """It ignores the post's age and status, unless the post is sent."""
    result = desk.run("posts", "retry", str(number))
    assert result.out == (
        f"post {number} is planned again; a running bot sends it as soon as its subscription"
        " allows\n"
    )
    found = post(desk, number)
    assert (PostStatus.PLANNED, True, None) == (found.status, found.catch_up, found.unknown_since)


def test_skip_records_the_reason(desk: Terminal) -> None:
    assert desk.run("posts", "skip", "1", "--reason", "posted elsewhere").status == 0
    assert (PostStatus.SKIPPED, OperatorSkipped("posted elsewhere")) == (
        post(desk, 1).status,
        post(desk, 1).reason,
    )
    assert "posted elsewhere" in desk.run("posts", "show", "1").out
    assert "post 1 is already skipped" == desk.run("posts", "skip", "1").complaint


def test_resolve_records_the_message(desk: Terminal) -> None:
    """The post counts as sent."""
    result = desk.run("posts", "resolve", "3", "--message", "88")
    assert "post 3 is sent, as message 88\n" == result.out
    assert (PostStatus.SENT, 88) == (post(desk, 3).status, post(desk, 3).message_id)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("retry", "2"), "post 2 is already sent"),
        (("skip", "2"), "post 2 is already sent"),
        (("resolve", "1", "--message", "88"), "post 1 is planned, not uncertain"),
        (("resolve", "4", "--message", "88"), "post 4 is failed, not uncertain"),
        (("show", "99"), "there is no post 99"),
        (("retry", "99"), "there is no post 99"),
    ],
    ids=" ".join,
)
def test_a_refused_command_prints_one_line(
    desk: Terminal, arguments: tuple[str, ...], words: str
) -> None:
    assert words == desk.run("posts", *arguments).complaint


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "0"),
        ("show", "one"),
        ("retry", str(2**63)),
        ("resolve", "3"),
        ("resolve", "3", "--message", "-1"),
        ("--limit", "0"),
        ("--status", "lost"),
    ],
    ids=" ".join,
)
def test_arguments_are_checked(desk: Terminal, arguments: tuple[str, ...]) -> None:
    """A wrong command line ends with status 2 and click's message."""
    result = desk.run("posts", *arguments)
    assert (2, "") == (result.status, result.out)
    assert "Traceback" not in result.err


def test_posts_does_not_create_a_database(terminal: Terminal) -> None:
    complaint = terminal.run("posts").complaint
    assert "var/storywire.db does not exist yet; `storywire run` creates it" == complaint
    assert not (terminal.folder / "var").exists()


def test_posts_works_while_a_bot_owns_the_outbox(desk: Terminal) -> None:
    """Neither listing nor overriding needs ownership."""

    async def own(store: Store) -> None:
        await store.acquire_outbox()
        result = await asyncio.to_thread(desk.run, "posts", "retry", "4")
        assert (0, "") == (result.status, result.err)

    use(desk, own)
    assert post(desk, 4).status is PostStatus.PLANNED


def test_check_counts_uncertain_and_failed_posts(desk: Terminal) -> None:
    """It also names the command that lists them."""
    out = desk.run("check").out
    assert "WARNING posts: 1 uncertain and 1 failed (`storywire posts` lists them)" in out


def test_a_post_without_its_subscription_is_not_retried(desk: Terminal) -> None:
    use(desk, lambda store: remove_subscription(store, 10, 4, START))
    complaint = desk.run("posts", "retry", "4").complaint
    assert "post 4 can't be sent: its subscription was removed or moved" == complaint
