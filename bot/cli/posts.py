"""`storywire posts`: lists the posts of the outbox, and lets an operator settle them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from bot.announce.outbox import Outbox
from bot.cli.common import config_option, run_to_end
from bot.cli.database import existing_store
from bot.cli.tables import console, new_table, printable, short_time
from bot.clock import SystemClock
from bot.discordapp.messages.reasons import BY_AN_OPERATOR, describe_for_operator
from storage.errors import NotFoundError
from storage.posts import (
    ClaimedPost,
    FollowUp,
    FollowUpStatus,
    Post,
    PostEvent,
    PostStatus,
    Sent,
    Settlement,
    Skipped,
)
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
_REFUSALS = {
    PostStatus.CLAIMED: "being sent right now; try again in a moment",
    PostStatus.SENT: "already sent",
    PostStatus.SKIPPED: "already skipped",
}
_ID = click.IntRange(1, _LARGEST_ID)


@click.group(invoke_without_command=True)
@config_option
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice([status.value for status in PostStatus]),
    help="Show only posts with this status; may be repeated.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=20,
    show_default=True,
    help="Maximum number of posts to show, latest first.",
)
@click.pass_context
def posts(ctx: click.Context, config: Path | None, statuses: Sequence[str], limit: int) -> None:
    """List posts, or show and settle one. Works while the bot is running."""
    if ctx.invoked_subcommand is not None:
        return
    wanted = [PostStatus(status) for status in statuses] or list(PostStatus)

    async def work() -> tuple[Mapping[PostStatus, int], Sequence[ClaimedPost]]:
        async with existing_store(config) as store:
            return await store.count_posts(), await store.list_posts(wanted, limit)

    counts, found = run_to_end(work)
    summary = [f"{counts[status]} {status}" for status in PostStatus if counts.get(status)]
    click.echo(", ".join(summary) or "no posts yet")
    if found:
        console().print(_post_table(found))


@posts.command()
@click.argument("post_id", type=_ID, metavar="ID")
@config_option
def show(config: Path | None, post_id: int) -> None:
    """Show a post and its history."""

    async def work() -> tuple[Post, str, Sequence[PostEvent], Sequence[FollowUp]]:
        async with existing_store(config) as store:
            post = await store.get_post(post_id)
            story = await store.get_story(post.story_id)
            events = await store.post_history(post_id)
            return post, story.article.title, events, await store.list_follow_ups(post_id)

    post, title, events, follow_ups = run_to_end(work)
    screen = console()
    screen.print(_detail_table(post, title, follow_ups))
    screen.print(_history_table(events))


@posts.command()
@click.argument("post_id", type=_ID, metavar="ID")
@config_option
def retry(config: Path | None, post_id: int) -> None:
    """Send a post again, whatever its age.

    First make sure that it is not in its channel.
    """
    _override(config, post_id, None, {PostStatus.CLAIMED, PostStatus.SENT})
    click.echo(
        f"post {post_id} is planned again; a running bot sends it as soon as its subscription"
        " allows"
    )


@posts.command()
@click.argument("post_id", type=_ID, metavar="ID")
@click.option("--reason", "note", show_default=BY_AN_OPERATOR, help="Stored with the post.")
@config_option
def skip(config: Path | None, post_id: int, note: str | None) -> None:
    """Skip a post: it is not sent."""
    refused = {PostStatus.CLAIMED, PostStatus.SENT, PostStatus.SKIPPED}
    _override(config, post_id, Skipped(OperatorSkipped(note or None)), refused)
    click.echo(f"post {post_id} is skipped")


@posts.command()
@click.argument("post_id", type=_ID, metavar="ID")
@click.option(
    "--message",
    "message_id",
    type=_ID,
    required=True,
    metavar="MESSAGE_ID",
    help="ID of the message: in Discord's developer mode, Copy Message ID.",
)
@config_option
def resolve(config: Path | None, post_id: int, message_id: int) -> None:
    """Record that an uncertain post was sent: its message is in the channel."""
    _override(config, post_id, Sent(message_id), set(PostStatus) - {PostStatus.UNCERTAIN})
    click.echo(f"post {post_id} is sent, as message {message_id}")


def _override(
    config: Path | None, post_id: int, settlement: Settlement | None, refused: set[PostStatus]
) -> None:
    """Settle a post, or (None) send it again; refuse posts with a status in `refused`."""

    async def work() -> None:
        async with existing_store(config) as store:
            post = await store.get_post(post_id)
            if post.status in refused:
                refusal = _REFUSALS.get(post.status, f"{post.status}, not uncertain")
                raise NotFoundError(f"post {post_id} is {refusal}")
            await Outbox(store).override(post_id, settlement, SystemClock().now())

    run_to_end(work)


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
            _status_text(post.status),
            short_time(_relevant_time(post)),
            str(post.channel_id),
            _title_and_reason(each.story.article.title, post.reason),
        )
    return table


def _relevant_time(post: Post) -> datetime:
    """When a waiting post is due; when any other was settled."""
    waiting = post.status in _WAITING
    return post.due_at if waiting else post.settled_at or post.claimed_at or post.due_at


def _detail_table(post: Post, title: str, follow_ups: Sequence[FollowUp]) -> Table:
    table = Table.grid(padding=(0, 2))
    rows: dict[str, str | Text] = {
        "post": str(post.id),
        "story": printable(title),
        "status": _status_text(post.status),
        "due (UTC)": _full_time(post.due_at) if post.status in _WAITING else "",
        "reason": _reason_text(post.reason),
        "channel": str(post.channel_id),
        "server": str(post.guild_id),
        "message": str(post.message_id or ""),
        "attempts": str(post.attempts),
        "outcome unknown since": _full_time(post.unknown_since) if post.unknown_since else "",
        **{each.action: _follow_up_text(each) for each in follow_ups},
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
        table.add_row(_full_time(event.at), _status_text(event.status), _reason_text(event.reason))
    return table


def _title_and_reason(title: str, reason: Reason | None) -> Text:
    text = printable(title)
    if reason:
        text.append("\n").append(_reason_text(reason).plain, style="dim")
    return text


def _reason_text(reason: Reason | None) -> Text:
    return printable(describe_for_operator(reason) if reason else "")


def _follow_up_text(follow_up: FollowUp) -> Text:
    """The state of a follow-up, when it is due, and the reason."""
    text = Text(follow_up.status)
    if follow_up.status is FollowUpStatus.WAITING:
        text.append(f" until {_full_time(follow_up.due_at)}")
    if follow_up.reason is not None:
        text.append(": ").append(_reason_text(follow_up.reason))
    return text


def _full_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _status_text(status: PostStatus) -> Text:
    return Text(status, style=_STYLES.get(status, ""))
