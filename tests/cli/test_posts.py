"""`storywire posts`: what an operator sees of the outbox, and may decide."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import time, timedelta
from typing import TypeVar

import pytest

from bot.announce.outbox import Outbox
from bot.announce.subscription_lifecycle import remove_subscription
from storage.models import NewSubscription, SubscriptionSpec
from storage.open import open_store
from storage.posts import (
    Failed,
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
    """Do something with the terminal's database."""

    async def run() -> T:
        async with open_store(terminal.folder / "var/storywire.db") as store:
            return await work(store)

    return asyncio.run(run())


def post(terminal: Terminal, number: int) -> Post:
    """How a post stands."""
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
def office(terminal: Terminal) -> Terminal:
    """A terminal beside a database with five posts."""
    use(terminal, fill)
    return terminal


def test_posts_are_listed_in_eighty_columns(office: Terminal) -> None:
    """Counts first, then the latest; why something is not sent stands below its title."""
    result = office.run("posts", COLUMNS="80")
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


def test_what_is_not_read_on_a_terminal_is_not_folded(office: Terminal) -> None:
    """A title stays in one piece for whoever searches it."""
    assert TITLES[3] in office.run("posts").out


def test_a_post_that_waits_shows_when_it_is_due(office: Terminal) -> None:
    """Not when it was tried: quiet hours hold one that was claimed already."""

    async def hold(store: Store) -> None:
        await Outbox(store).override(4, None, START)
        (claimed,) = await Outbox(store).claim(START + 9 * MINUTE, 1, [CHANNEL + 1, CHANNEL + 5])
        until = START + timedelta(hours=8)
        await Outbox(store).settle(claimed.post.id, Held(until, QuietHours(time(20))), START)

    use(office, hold)
    rows = map(str.split, office.run("posts").out.splitlines())
    assert next(row for row in rows if row[:1] == ["4"])[1:5] == ["planned", "Nov", "23", "20:00"]
    assert "due (UTC) 2026-11-23 20:00:00" in squeezed(office.run("posts", "show", "4").out)
    assert "due (UTC)" not in office.run("posts", "show", "2").out


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_each_command_takes_the_settings_file(office: Terminal) -> None:
    """Before its name or after it; the one after it counts."""
    office.write("other.yaml", "database: nowhere.db")
    office.write("this.yaml", "database: var/storywire.db")
    for arguments in (("show", "1"), ("skip", "1"), ("retry", "1")):
        command, number = arguments
        other = office.run("posts", command, number, "--config", "other.yaml")
        assert other.complaint.startswith("nowhere.db does not exist yet")
        assert other == office.run("posts", "--config", "other.yaml", command, number)
        both = ("--config", "other.yaml", command, number, "--config", "this.yaml")
        assert office.run("posts", *both).status == 0


def test_a_title_can_not_steer_the_terminal(office: Terminal) -> None:
    """Control characters are gone, and markup is just text."""
    result = office.run("posts", "--status", "sent")
    assert not {"\x1b", "\x07"} & set(result.out)
    assert "[bold]alert[/bold]" in result.out


def test_posts_are_filtered_and_limited(office: Terminal) -> None:
    """By status, by number."""
    result = office.run("posts", "--status", "failed", "--status", "uncertain", "--limit", "1")
    ids = [line.split()[0] for line in result.out.splitlines() if re.match(r" *\d+ +[a-z]", line)]
    assert ids[-1:] == ["4"]
    assert "uncertain " not in result.out.splitlines()[-1]


def test_a_posts_history_is_told_step_by_step(office: Terminal) -> None:
    """Planned, claimed, and what came of it."""
    result = office.run("posts", "show", "3")
    steps = re.findall(r"2026-11-23 12:0\d:00 +(\w+)", result.out)
    assert steps == ["planned", "claimed", "uncertain"]
    assert "Read Message History" in result.out
    assert f"{CHANNEL + 3}" in result.out


@pytest.mark.parametrize("number", [1, 3, 4, 5])
def test_a_post_is_sent_again_at_an_operators_word(office: Terminal, number: int) -> None:
    """Whatever its age and whatever became of it, but not if it is sent."""
    result = office.run("posts", "retry", str(number))
    assert result.out == (
        f"post {number} is planned again; a running bot sends it as soon as its subscription"
        " allows\n"
    )
    found = post(office, number)
    assert (PostStatus.PLANNED, True, None) == (found.status, found.catch_up, found.unknown_since)


def test_a_post_is_skipped_with_a_reason(office: Terminal) -> None:
    """It is kept in its history."""
    assert office.run("posts", "skip", "1", "--reason", "told elsewhere").status == 0
    assert (PostStatus.SKIPPED, OperatorSkipped("told elsewhere")) == (
        post(office, 1).status,
        post(office, 1).reason,
    )
    assert "told elsewhere" in office.run("posts", "show", "1").out
    assert "post 1 is already skipped" == office.run("posts", "skip", "1").complaint


def test_an_uncertain_post_is_resolved_by_its_message(office: Terminal) -> None:
    """It counts as sent, and is edited like one."""
    result = office.run("posts", "resolve", "3", "--message", "88")
    assert "post 3 is sent, as message 88\n" == result.out
    assert (PostStatus.SENT, 88) == (post(office, 3).status, post(office, 3).message_id)


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
def test_what_can_not_be_decided_is_one_line(
    office: Terminal, arguments: tuple[str, ...], words: str
) -> None:
    """And changes nothing."""
    assert words == office.run("posts", *arguments).complaint


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
def test_ids_and_options_are_checked(office: Terminal, arguments: tuple[str, ...]) -> None:
    """A wrong command line ends with status 2 and click's words."""
    result = office.run("posts", *arguments)
    assert (2, "") == (result.status, result.out)
    assert "Traceback" not in result.err


def test_without_a_database_there_is_nothing_to_list(terminal: Terminal) -> None:
    """And none is made."""
    complaint = terminal.run("posts").complaint
    assert "var/storywire.db does not exist yet; `storywire run` creates it" == complaint
    assert not (terminal.folder / "var").exists()


def test_it_works_while_a_bot_owns_the_outbox(office: Terminal) -> None:
    """Looking and deciding need no ownership."""

    async def own(store: Store) -> None:
        await store.acquire_outbox()
        result = await asyncio.to_thread(office.run, "posts", "retry", "4")
        assert (0, "") == (result.status, result.err)

    use(office, own)
    assert post(office, 4).status is PostStatus.PLANNED


def test_check_counts_what_an_operator_has_to_decide(office: Terminal) -> None:
    """And names the command that lists it."""
    out = office.run("check").out
    assert "1 post is uncertain, 1 failed (`storywire posts` lists them)" in out


def test_a_post_whose_subscription_is_gone_is_not_sent_again(office: Terminal) -> None:
    """Nobody wants it."""
    use(office, lambda store: remove_subscription(store, 10, 4, START))
    complaint = office.run("posts", "retry", "4").complaint
    assert "post 4 can't be sent: its subscription was removed or moved" == complaint
