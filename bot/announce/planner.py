"""The planner: reads the stories after its cursor, decides about them, and writes the outbox."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from bot.announce.archive_terms import ArchiveTerms
from bot.announce.delivery import EDIT_WINDOW
from bot.announce.event_terms import TermFrequencies
from bot.announce.outbox import Outbox, log_planned
from bot.announce.policy import decide_all
from bot.announce.same_event_index import Headlines, Matches, SameEventIndex
from bot.announce.schedule import first_due
from bot.clock import CautiousClock, Clock, until_next_second, wait_for_event
from bot.retry import keep_trying
from storage.models import DeliveryOptions, Story, Subscription
from storage.posts import NewPost, PlannerSnapshot
from storage.protocols import OutboxStore

logger = logging.getLogger(__name__)

# Limits of one step: the number of stories, and of stories times subscriptions (roughly).
MAX_STORIES = 100
MAX_DECISIONS = 100_000
# A story about the same event as one planned within this time is folded into that story's post.
FOLD_WINDOW = timedelta(hours=72)


class Planner:
    """Plans posts for new and changed stories.

    `changed` is set when stories change; the planner sets `planned` when there is work to send.
    """

    def __init__(
        self,
        outbox: Outbox,
        store: OutboxStore,
        clock: Clock,
        terms: ArchiveTerms,
        *,
        make_nonce: Callable[[], str],
        max_age: timedelta | None,
        changed: asyncio.Event,
        planned: asyncio.Event,
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._clock = clock
        self._cautious_clock = CautiousClock(clock)
        self._terms = terms
        self._headlines = Headlines()
        self._make_nonce = make_nonce
        self.max_age = max_age
        """The age up to which a story is planned; None: any age."""
        self._changed = changed
        self._planned = planned
        self._batch = MAX_STORIES

    async def run(self) -> None:
        """Plan new and changed stories until cancelled."""
        last_version: object = None
        while True:
            version = await keep_trying(self._store.data_version, self._clock, "planning")
            if version != last_version:
                await keep_trying(self.catch_up, self._clock, "planning")
                last_version = version
            await wait_for_event(self._changed, until_next_second(self._clock), self._clock)

    async def catch_up(self) -> int:
        """Plan until no story is left after the cursor; return the number of posts and edits."""
        posts = 0
        while (step := await self._plan_batch()) is not None:
            posts += step
        return posts

    async def _plan_batch(self) -> int | None:
        fold_since = self._cautious_clock.now() - FOLD_WINDOW
        snapshot = await self._store.planner_snapshot(self._batch, planned_since=fold_since)
        if max(snapshot.cursor, snapshot.last_revision) == snapshot.cursor:
            return None
        self._batch = max(1, min(MAX_STORIES, MAX_DECISIONS // max(1, len(snapshot.subscriptions))))
        # Deciding may take long; heartbeats and interactions must not wait for it.
        decided = await asyncio.to_thread(
            _decide,
            snapshot,
            self._cautious_clock.now(),
            self.max_age,
            await self._terms.get(),
            self._headlines,
        )
        # A digest may have become due meanwhile; posts written after that are for the next one.
        now, certain_now = self._clock.now(), self._cautious_clock.now()
        posts = await asyncio.to_thread(self._make_posts, decided, now)
        planned = await self._outbox.plan(
            snapshot, posts, now, edit_since=certain_now - EDIT_WINDOW, fold_since=fold_since
        )
        log_planned(planned.posts)
        if planned.edits:
            edits = "1 edit" if planned.edits == 1 else f"{planned.edits} edits"
            logger.info("planned %s", edits)
        if planned.count:
            self._planned.set()
        return planned.count

    def _make_posts(
        self, decided: Iterable[tuple[Story, Subscription, Matches]], now: datetime
    ) -> list[NewPost]:
        """The posts of what was decided, due from now on."""
        due_at: dict[DeliveryOptions, datetime] = {}
        posts = []
        for story, subscription, found in decided:
            delivery = subscription.spec.delivery
            if delivery not in due_at:
                due_at[delivery] = first_due(delivery, now)
            posts.append(
                NewPost(
                    story.id,
                    subscription.id,
                    subscription.guild_id,
                    subscription.spec.channel_id,
                    self._make_nonce(),
                    due_at[delivery],
                    same_events=found.same_events if delivery.fold else (),
                    related=found.related,
                    fold=delivery.fold,
                )
            )
        return posts


def _decide(
    snapshot: PlannerSnapshot,
    now: datetime,
    max_age: timedelta | None,
    frequencies: TermFrequencies,
    headlines: Headlines,
) -> list[tuple[Story, Subscription, Matches]]:
    """The stories to post for which subscription, each with the stories that it is compared to."""
    index = SameEventIndex(snapshot.recent, frequencies, headlines)
    found: dict[int, Matches] = {}
    decided = []
    for story, subscription in decide_all(snapshot, now, max_age):
        if story.id not in found:
            found[story.id] = index.find(story)
            index.add(story)
        decided.append((story, subscription, found[story.id]))
    headlines.keep({each.id for each in (*snapshot.recent, *snapshot.stories)})
    return decided
