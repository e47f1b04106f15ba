"""A fake Discord for the sender's tests: a list of messages, and outcomes prepared by tests."""

import asyncio
from collections import deque
from datetime import datetime
from typing import Any

from bot.announce.log_names import Place, Server
from bot.announce.poster_port import (
    Accepted,
    EditOutcome,
    FollowUpOutcome,
    Found,
    NotFound,
    Outcome,
    SearchResult,
    Unavailable,
    Unreadable,
)
from storage.models import Story
from storage.posts import ClaimedPost, FollowUpAction, Post
from storage.reasons import Cause, Reason


class ScriptedPoster:
    """Accepts every message, unless an outcome was prepared.

    `committed` of a prepared failure: the message was stored before. Repeated nonces are ignored
    while `deduplicates` is set. `is_forum`: each message opens a thread. `channel_outcomes` are the
    outcomes of all requests to a channel, `outage` is the outcome of all requests; `gate` and
    `gates` block sends until they are set.
    `follow_ups` are the outcomes of the next follow-ups, and `done` those that Discord did: their
    action and story. `shown` describes each version of a message: its stories, withdrawn ones in
    brackets, and after "+" the coverage.
    """

    def __init__(self) -> None:
        self.messages: dict[str, int] = {}
        self.sent: list[int] = []
        self.shown: list[str] = []
        self.edited: list[tuple[int, str]] = []
        self.reported: list[tuple[int, Reason]] = []
        self.outcomes: deque[tuple[Any, bool]] = deque()
        self.deduplicates = True
        self.is_forum = False
        self.readable = True
        self.searched_since: list[datetime] = []
        self.gate: asyncio.Event | None = None
        self.gates: dict[int, asyncio.Event] = {}
        self.channel_outcomes: dict[int, Outcome] = {}
        self.outage: Unavailable | None = None
        self.requests: list[int] = []
        self.begun = asyncio.Event()
        self.follow_ups: deque[tuple[FollowUpOutcome, bool]] = deque()
        self.done: list[tuple[FollowUpAction, int]] = []

    def prepare(self, outcome: Any, *, committed: bool = False) -> None:  # noqa: ANN401 - any outcome
        """Set the outcome of the next send."""
        self.outcomes.append((outcome, committed))

    async def send(self, claimed: ClaimedPost) -> Outcome:
        """See `Poster`."""
        post = claimed.post
        self.begun.set()
        self.requests.append(post.channel_id)
        for gate in (self.gate, self.gates.get(post.channel_id)):
            if gate is not None:
                await gate.wait()
        if outcome := self.outage or self.channel_outcomes.get(post.channel_id):
            return outcome
        outcome, committed = self.outcomes.popleft() if self.outcomes else (None, True)
        if committed and not (self.deduplicates and post.nonce in self.messages):
            self.sent.append(claimed.story.id)
            self.shown.append(_describe_message(claimed))
            self.messages[post.nonce] = 1000 + len(self.sent)
        return outcome or Accepted(self.messages[post.nonce], thread_id=self._thread(post))

    async def edit(self, claimed: ClaimedPost, *, delete: bool) -> EditOutcome:
        """See `Poster`."""
        post, story = claimed.post, claimed.story
        if self.gate is not None:
            await self.gate.wait()
        if outcome := self.outage or self.channel_outcomes.get(post.channel_id):
            self.requests.append(post.channel_id)
            return outcome
        outcome, committed = self.outcomes.popleft() if self.outcomes else (None, True)
        if committed:
            self.edited.append((story.id, "" if delete else story.article.title))
            self.shown.append(_describe_message(claimed))
        return outcome or Accepted(post.message_id or 0)

    async def follow_up(self, claimed: ClaimedPost, action: FollowUpAction) -> FollowUpOutcome:
        """See `Poster`."""
        if self.outage:
            return self.outage
        outcome, committed = self.follow_ups.popleft() if self.follow_ups else (None, True)
        if committed and (action, claimed.story.id) not in self.done:
            self.done.append((action, claimed.story.id))
        return outcome or Accepted(claimed.post.message_id or 0)

    def place(self, post: Post) -> Place:
        """See `Poster`."""
        return Place(post.channel_id, server=Server(post.guild_id))

    def keeps_nonces(self, post: Post) -> bool:
        """See `Poster`."""
        del post
        return not self.is_forum

    async def report_closed(self, post: Post, reason: Reason) -> None:
        """See `Poster`."""
        self.reported.append((post.channel_id, reason))

    async def find(self, post: Post, since: datetime) -> SearchResult:
        """See `Poster`."""
        self.searched_since.append(since)
        if self.outage is not None:
            return self.outage
        if not self.readable:
            return Unreadable(Cause.HISTORY_FORBIDDEN)
        if post.nonce in self.messages:
            return Found(self.messages[post.nonce], thread_id=self._thread(post))
        return NotFound()

    def _thread(self, post: Post) -> int | None:
        return self.messages[post.nonce] if self.is_forum else None


def _describe_message(claimed: ClaimedPost) -> str:
    def name(story: Story) -> str:
        title = story.article.title.removeprefix("Story ")
        return f"({title})" if story.withdrawn else title

    return " + ".join(
        " ".join(map(name, stories))
        for stories in (claimed.digest or (claimed.story,), claimed.coverage)
        if stories
    )
