"""Texts of the owner commands, with markdown, and the log's lines about the same."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bot.config.changes import SettingsChanges
from bot.discordapp.markdown import escaped, exact_time, plain, relative_time
from bot.discordapp.messages.command_names import command
from bot.discordapp.messages.fitting import fit_entries
from bot.urls.redaction import redact
from storage.models import LoadCounts, SourceState
from storage.posts import PostStatus

GROUP = "For the people who run this bot"
STATE = "What I do right now, and what is wrong"
RUN = "Read a source now"
SOURCE = "The source"
RELOAD = "Read the settings again"
PAUSE = "Post nothing, in no server, until you resume"
RESUME = "Go on posting what waits"

NOT_AN_OWNER = "Only the people who run this bot may do that."
OWNERS_UNKNOWN = "I can't ask Discord right now who runs this bot. Please try again in a moment."
NO_SUCH_SOURCE = "There is no such source. Choose one from the list."
STATE_TITLE = "State"
_POSTS = "Posts"
_SOURCES = "Sources"
# Discord takes up to 100 characters for the name and the value of a choice.
_CHOICE = 100
_NAME, _ERROR, _FAILING = 200, 300, 2500
_WAITING = (PostStatus.PLANNED, PostStatus.RETRY, PostStatus.CLAIMED)


def describe_running(started_at: datetime, servers: int) -> str:
    """Since when the bot is running, and where."""
    count = "1 server" if servers == 1 else f"{servers} servers"
    return f"**Running since:** {exact_time(started_at)}, in {count}"


def describe_posting(paused_since: datetime | None) -> str:
    """Whether posting is paused."""
    if paused_since is None:
        return "**Posting:** not paused"
    return (
        f"⏸ **Posting:** paused {relative_time(paused_since)} – {command('owner resume')} ends that"
    )


def describe_posts(counts: Mapping[PostStatus, int]) -> str:
    """How many posts wait, and how many need a decision."""
    waiting = sum(counts.get(each, 0) for each in _WAITING)
    parts = [f"{waiting:,} waiting", f"{counts.get(PostStatus.SENT, 0):,} sent"]
    parts += [
        f"⚠ {counts[each]:,} {each}"
        for each in (PostStatus.UNCERTAIN, PostStatus.FAILED)
        if counts.get(each)
    ]
    return f"**{_POSTS}:** {' · '.join(parts)}"


def describe_sources(states: Iterable[SourceState], number: int) -> str:
    """How many sources there are, and which of them can't be read."""
    states = list(states)
    failing = [each for each in states if each.error]
    unread = number - sum(1 for each in states if each.last_success_at or each.error)
    parts = [f"{number:,}", *([f"{unread:,} not read yet"] if unread else [])]
    parts += [f"⚠ {len(failing):,} can't be read"] if failing else []
    lines = [
        f"- {_source(each.name)}: {escaped(redact(each.error or ''), _ERROR)}" for each in failing
    ]
    listed = fit_entries(lines, _FAILING)
    return "\n".join(filter(None, [f"**{_SOURCES}:** {' · '.join(parts)}", listed]))


def shown_source(name: str) -> str:
    """The name of a source for a choice, without secrets."""
    return plain(redact(name), _CHOICE)


def _source(name: str) -> str:
    return f"**{escaped(redact(name), _NAME)}**"


def describe_reading(name: str, counts: LoadCounts) -> str:
    """What a reading has changed, in numbers of documents."""
    return f"{_source(name)} was read: {counts}."


def describe_unreadable(name: str, error: str) -> str:
    """Why a source can't be read."""
    return f"⚠ {_source(name)} can't be read; its stories stay as they are. {_error(error)}"


def describe_slow(name: str) -> str:
    """A reading takes longer than an answer may."""
    return f"{_source(name)} is still being read. {command('owner state')} says if it fails."


def confirm_reload(changes: SettingsChanges) -> str:
    """What became of the settings that were read again."""
    lines = [escaped(redact(each), _FAILING) for each in describe_reload(changes)]
    return "The settings were read again.\n" + fit_entries(lines, _FAILING // 2)


def describe_invalid(error: str) -> str:
    """Why the settings could not be read; `error` has a line per problem."""
    lines = [f"- {escaped(redact(each), _ERROR)}" for each in error.splitlines()]
    return "⚠ The settings stay as they were:\n" + fit_entries(lines, _FAILING // 2)


def confirm_paused(since: datetime, *, again: bool) -> str:
    """Posting is paused; `again`: it was before."""
    paused = f"Posting was already paused {relative_time(since)}" if again else "Posting is paused"
    return f"{paused}. Stories wait until {command('owner resume')}; none becomes too old."


def confirm_resumed(since: datetime | None) -> str:
    """Posting goes on; `since` is when it was paused, None if it wasn't."""
    if since is None:
        return "Posting is not paused."
    return f"Posting goes on. It was paused {relative_time(since)}."


def _error(error: str) -> str:
    return escaped(redact(error), _ERROR)


def describe_reload(changes: SettingsChanges) -> Sequence[str]:
    """What became of the settings that were read again, a sentence each."""
    named = [
        ("Now in force", changes.applied),
        ("New sources", changes.added),
        ("Changed sources", changes.altered),
        ("Removed sources", changes.removed),
    ]
    sentences = [f"{what}: {', '.join(names)}." for what, names in named if names]
    sentences += ["The sources have another order."] if changes.reordered else []
    if changes.needs_restart:
        sentences.append(f"Only after a restart: {', '.join(changes.needs_restart)}.")
    return sentences or ["Nothing has changed."]
