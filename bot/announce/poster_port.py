"""What the sender asks of Discord, and the possible outcomes.

`request_made` of an outcome is False if the outcome was known without a request.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Protocol, TypeAlias

from bot.announce.log_names import Place
from storage.models import Look
from storage.posts import ChannelToRecover, ClaimedPost, FollowUpAction, Post
from storage.reasons import MessageReduced, Reason


@dataclass(frozen=True, slots=True)
class Accepted:
    """The message is in the channel, from this attempt or from an earlier one with the same nonce.

    `cooldown` is how long Discord asks to wait before the next message in the channel.
    `embed_missing`: Discord removed the embed, as it does if the bot lacks Embed Links.
    `reduced`: the message lacks parts that Discord rejected; None if it is complete. `has_text`:
    its content is more than mentions, as in messages without an embed. `thread_id` is the thread
    that the message opened in a forum.
    """

    message_id: int
    cooldown: timedelta = timedelta()
    embed_missing: bool = False
    reduced: MessageReduced | None = None
    has_text: bool = False
    thread_id: int | None = None
    request_made: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class ChannelClosed:
    """The bot can't post in the channel at all, until its permissions change."""

    reason: Reason
    request_made: bool = True


@dataclass(frozen=True, slots=True)
class Refused:
    """Discord rejects this message permanently."""

    reason: Reason
    request_made: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The attempt failed for now; `unknown`: the message may be in the channel nevertheless.

    `retry_after` is how long Discord asks to wait, if it says so.
    """

    reason: Reason
    unknown: bool
    retry_after: timedelta | None = None
    request_made: bool = True


@dataclass(frozen=True, slots=True)
class ChannelGone:
    """The channel was deleted."""

    reason: Reason
    request_made: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class MessageGone:
    """The message to edit does not exist any more; a moderator may have deleted it."""

    reason: Reason
    request_made: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Postponed:
    """A message can't be edited for now, but others in the channel can: its thread is locked.

    `retry_after` is how long Discord asks to wait; None: until someone changes something.
    """

    reason: Reason
    retry_after: timedelta | None = None
    request_made: bool = True


@dataclass(frozen=True, slots=True)
class Impossible:
    """A follow-up can't be carried out any more, such as that of a message that was deleted."""

    reason: Reason
    request_made: bool = True


Outcome: TypeAlias = Accepted | ChannelClosed | ChannelGone | Refused | Unavailable
EditOutcome: TypeAlias = Outcome | MessageGone | Postponed
FollowUpOutcome: TypeAlias = Accepted | ChannelClosed | Impossible | Refused | Unavailable


@dataclass(frozen=True, slots=True)
class Found:
    """A message with the mark; `embed_missing`: Discord removed its embed.

    `thread_id` is the thread that it opened in a forum.
    """

    message_id: int
    embed_missing: bool = False
    thread_id: int | None = None


@dataclass(frozen=True, slots=True)
class NotFound:
    """The channel's history was read and contains no such message."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The history can't be read far enough back to know."""

    reason: Reason


SearchResult: TypeAlias = Found | NotFound | Unreadable | Unavailable | ChannelGone


@dataclass(frozen=True, slots=True)
class Announcement:
    """A message of the bot that announced stories.

    The addresses are normalised: those of the story that it is about (`story`), those in its digest
    (`digest`), and those of other articles about the same event (`coverage`). `thread_id` is the
    thread that it opened in a forum; `done` are the follow-ups that it had.
    """

    message_id: int
    sent_at: datetime
    mark: str
    story: frozenset[str] = frozenset()
    digest: frozenset[str] = frozenset()
    coverage: frozenset[str] = frozenset()
    is_digest: bool = False
    thread_id: int | None = None
    look: Look = Look.CARD
    done: frozenset[FollowUpAction] = frozenset()


@dataclass(frozen=True, slots=True)
class History:
    """What a channel's history announces; `problem` says why something may be missing."""

    announcements: tuple[Announcement, ...]
    problem: Reason | None = None


class HistoryReader(Protocol):
    """What a start on a restored backup needs of Discord."""

    def place(self, channel: ChannelToRecover, /) -> Place:
        """The channel and its server, with their names as far as they are known."""

    async def read_history(
        self, channel: ChannelToRecover, since: datetime
    ) -> History | Unavailable:
        """Read a channel's history from `since` on. `Unavailable`: try again later."""


class Poster(Protocol):
    """What the sender needs of Discord.

    Failures of Discord and of the network are returned as outcomes, not raised.
    """

    async def send(self, claimed: ClaimedPost) -> Outcome:
        """Send a story, or a digest, with the post's nonce and mark."""

    async def edit(self, claimed: ClaimedPost, *, delete: bool) -> EditOutcome:
        """Update a message to the current state of its stories, or delete it."""

    async def follow_up(self, claimed: ClaimedPost, action: FollowUpAction) -> FollowUpOutcome:
        """Carry out a follow-up. `Accepted` also if that was done before."""

    def place(self, post: Post, /) -> Place:
        """The channel and its server, with their names as far as they are known."""

    def keeps_nonces(self, post: Post, /) -> bool:
        """Whether Discord ignores a repeated nonce in the post's channel; not so in forums."""

    async def report_closed(self, post: Post, reason: Reason) -> None:
        """Notify the server's admins, if possible, that the bot can't post in a channel."""

    async def find(self, post: Post, since: datetime) -> SearchResult:
        """Search the channel's history for the post's mark, back to `since`.

        `Unavailable`: try again later; `Unreadable`: trying again is not expected to help.
        """
