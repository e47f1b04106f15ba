"""What the sender asks of Discord, and the possible outcomes.

`discord_answered` of an outcome is False if the outcome was known without a request.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Protocol, TypeAlias

from storage.posts import ClaimedPost, Post
from storage.reasons import Reason


@dataclass(frozen=True, slots=True)
class Accepted:
    """The message is in the channel, from this attempt or from an earlier one with the same nonce.

    `rest` is how long Discord asks to wait before the next message in the channel.
    `embed_missing`: Discord removed the embed, as it does if the bot lacks Embed Links.
    """

    message_id: int
    rest: timedelta = timedelta()
    embed_missing: bool = False
    discord_answered: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class ChannelClosed:
    """The bot may not post there: for every post, until that changes."""

    reason: Reason
    discord_answered: bool = True


@dataclass(frozen=True, slots=True)
class Refused:
    """Discord will never take this message."""

    reason: Reason
    discord_answered: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Unavailable:
    """No success; with `unknown` the message may be in the channel all the same.

    `retry_after` is how long Discord wants us to wait, where it says so.
    """

    reason: Reason
    unknown: bool
    retry_after: timedelta | None = None
    discord_answered: bool = True


@dataclass(frozen=True, slots=True)
class ChannelGone:
    """The channel was deleted; it never comes back."""

    reason: Reason
    discord_answered: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class MessageGone:
    """The message that was to be edited is not there; a moderator may have deleted it."""

    reason: Reason
    discord_answered: ClassVar[bool] = True


Outcome: TypeAlias = Accepted | ChannelClosed | ChannelGone | Refused | Unavailable
EditOutcome: TypeAlias = Outcome | MessageGone


@dataclass(frozen=True, slots=True)
class Found:
    """A message that carries the mark; `embed_missing`: Discord took its embed away."""

    message_id: int
    embed_missing: bool = False


@dataclass(frozen=True, slots=True)
class NotFound:
    """The channel's history was read and holds no such message."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The history can't be read far enough to tell."""

    reason: Reason


SearchResult: TypeAlias = Found | NotFound | Unreadable | Unavailable | ChannelGone


class Poster(Protocol):
    """Discord, as the sender sees it.

    No method raises for anything that Discord or the network does.
    """

    async def send(self, claimed: ClaimedPost) -> Outcome:
        """Send a story, or a digest, with the post's nonce and mark."""

    async def edit(self, claimed: ClaimedPost, *, delete: bool) -> EditOutcome:
        """Let a message show its stories as they are now, or delete it."""

    async def report_closed(self, post: Post, reason: Reason) -> None:
        """Tell the server's admins, where they can be told, that a channel can't be posted in."""

    async def find(self, post: Post, since: datetime) -> SearchResult:
        """Look for the post's mark in the channel's history, back to a time.

        `Unavailable`: not now; `Unreadable`: not ever, as far as can be known.
        """
