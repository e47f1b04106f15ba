"""`storywire posts`: what is planned, sent, uncertain or failed, and an operator's word on it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from bot.announce.outbox import Outbox
from bot.cli.common import config_option, run_to_end, settings_or_fail
from bot.cli.tables import clean, console, new_table, short_time
from bot.clock import SystemClock
from bot.discordapp.messages.reasons import BY_AN_OPERATOR, describe_reason
from storage.errors import NotFoundError, StoreUnusableError
from storage.open import inspect_store, open_store
from storage.posts import ClaimedPost, Post, PostEvent, PostStatus, Sent, Settlement, Skipped
from storage.protocols import Store
from storage.reasons import OperatorSkipped, Reason

_LARGEST_ID = 2**63 - 1
_STYLES = {
    PostStatus.SENT: "green",
    PostStatus.RETRY: "yellow",
    PostStatus.UNCERTAIN: "bold yellow",
    PostStatus.FAILED: "bold red",
    PostStatus.SKIPPED: "dim",
}
_WAITING = {PostStatus.PLANNED, PostStatus.RETRY}
_IN_WORDS = {
    PostStatus.CLAIMED: "being sent just now; look again in a moment",
    PostStatus.SENT: "sent already",
    PostStatus.SKIPPED: "skipped already",
}
_id = click.IntRange(1, _LARGEST_ID)


@click.group(invoke_without_command=True)
@config_option
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice([status.value for status in PostStatus]),
    help="Only posts that stand so; may be given several times.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=20,
    show_default=True,
    help="How many to show, the latest first.",
)
@click.pass_context
def posts(ctx: click.Context, config: Path | None, statuses: Sequence[str], limit: int) -> None:
    """List posts; with a command, look at one or decide about it. Works beside a running bot."""
    if ctx.invoked_subcommand is not None:
        return
    wanted = [PostStatus(status) for status in statuses] or list(PostStatus)

    async def work() -> tuple[Mapping[PostStatus, int], Sequence[ClaimedPost]]:
        async with _store(config) as store:
            return await store.count_posts(), await store.list_posts(wanted, limit)

    counts, found = run_to_end(work)
    told = [f"{counts[status]} {status}" for status in PostStatus if counts.get(status)]
    click.echo(", ".join(told) or "no posts yet")
    if found:
        console().print(_post_table(found))


@posts.command()
@click.argument("post_id", type=_id, metavar="ID")
@config_option
def show(config: Path | None, post_id: int) -> None:
    """Show a post and what became of it, step by step."""

    async def work() -> tuple[Post, str, Sequence[PostEvent]]:
        async with _store(config) as store:
            post = await store.get_post(post_id)
            story = await store.get_story(post.story_id)
            return post, story.article.title, await store.post_history(post_id)

    post, title, events = run_to_end(work)
    screen = console()
    screen.print(_detail_table(post, title))
    screen.print(_history_table(events))


@posts.command()
@click.argument("post_id", type=_id, metavar="ID")
@config_option
def retry(config: Path | None, post_id: int) -> None:
    """Send a post again, whatever its age.

    Look first that it is not in its channel.
    """
    _decide(config, post_id, None, {PostStatus.CLAIMED, PostStatus.SENT})
    click.echo(
        f"post {post_id} is planned again; a running bot sends it as soon as its subscription"
        " allows"
    )


@posts.command()
@click.argument("post_id", type=_id, metavar="ID")
@click.option("--reason", "note", show_default=BY_AN_OPERATOR, help="Kept with it.")
@config_option
def skip(config: Path | None, post_id: int, note: str | None) -> None:
    """Don't send a post."""
    refused = {PostStatus.CLAIMED, PostStatus.SENT, PostStatus.SKIPPED}
    _decide(config, post_id, Skipped(OperatorSkipped(note or None)), refused)
    click.echo(f"post {post_id} is skipped")


@posts.command()
@click.argument("post_id", type=_id, metavar="ID")
@click.option(
    "--message",
    "message_id",
    type=_id,
    required=True,
    metavar="MESSAGE_ID",
    help="The id of its message; in Discord's developer mode, Copy Message ID.",
)
@config_option
def resolve(config: Path | None, post_id: int, message_id: int) -> None:
    """Mark an uncertain post as sent: its message is in the channel."""
    _decide(config, post_id, Sent(message_id), set(PostStatus) - {PostStatus.UNCERTAIN})
    click.echo(f"post {post_id} is sent, as message {message_id}")


def _decide(
    config: Path | None, post_id: int, settlement: Settlement | None, refused: set[PostStatus]
) -> None:
    """Settle a post, or (None) have it sent again, unless it stands in a way that is refused."""

    async def work() -> None:
        async with _store(config) as store:
            post = await store.get_post(post_id)
            if post.status in refused:
                state = _IN_WORDS.get(post.status, f"{post.status}, not uncertain")
                raise NotFoundError(f"post {post_id} is {state}")
            await Outbox(store).override(post_id, settlement, SystemClock().now())

    run_to_end(work)


@asynccontextmanager
async def _store(config: Path | None) -> AsyncIterator[Store]:
    """The database of the settings; it is not made if it is not there, and not owned."""
    path = settings_or_fail(config).database
    if not await inspect_store(path).exists():
        raise StoreUnusableError(f"{path} is not there yet; `storywire run` makes it")
    async with open_store(path) as store:
        yield store


def _post_table(found: Sequence[ClaimedPost]) -> Table:
    table = new_table()
    table.add_column("id", justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("when (UTC)", no_wrap=True)
    table.add_column("channel", no_wrap=True)
    table.add_column("story")
    for each in found:
        post = each.post
        table.add_row(
            str(post.id),
            _status(post.status),
            short_time(_when(post)),
            str(post.channel_id),
            _story(each.story.article.title, post.reason),
        )
    return table


def _when(post: Post) -> datetime:
    """When it was settled, or when it is due."""
    waits = post.status in _WAITING
    return post.due_at if waits else post.settled_at or post.claimed_at or post.due_at


def _detail_table(post: Post, title: str) -> Table:
    table = Table.grid(padding=(0, 2))
    rows: dict[str, str | Text] = {
        "post": str(post.id),
        "story": clean(title),
        "status": _status(post.status),
        "due (UTC)": _exactly(post.due_at) if post.status in _WAITING else "",
        "reason": _reason(post.reason),
        "channel": str(post.channel_id),
        "server": str(post.guild_id),
        "message": str(post.message_id or ""),
        "attempts": str(post.attempts),
        "outcome unknown since": _exactly(post.unknown_since) if post.unknown_since else "",
    }
    for name, value in rows.items():
        if value:
            table.add_row(Text(name, style="dim"), value)
    return table


def _history_table(events: Sequence[PostEvent]) -> Table:
    table = new_table()
    for name in ("when (UTC)", "status", "reason"):
        table.add_column(name)
    for event in events:
        table.add_row(_exactly(event.at), _status(event.status), _reason(event.reason))
    return table


def _story(title: str, reason: Reason | None) -> Text:
    text = clean(title)
    if reason:
        text.append("\n").append(_reason(reason).plain, style="dim")
    return text


def _reason(reason: Reason | None) -> Text:
    return clean(describe_reason(reason) if reason else "")


def _exactly(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _status(status: PostStatus) -> Text:
    return Text(status, style=_STYLES.get(status, ""))
