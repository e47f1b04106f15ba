"""Estimates how many stories match rules, from the stories so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import discord

from bot.announce.policy import select_wanted
from bot.discordapp.messages import subscription_reports as messages
from bot.discordapp.messages.fitting import fit_entries
from bot.discordapp.rendering.lists import Detail, story_link
from storage.models import Story, StoryQuery, SubscriptionSpec
from storage.protocols import StoryStore

_DETAIL = Detail(label=90, link=270, provider=0, topics=0)
WINDOW = timedelta(days=28)
# If there are more stories than this, the rate is that of the newest ones.
_MAX_STORIES = 400
_SHOWN = 3
# A field of an embed may have 1024 characters, and the last line says how many more there are.
_FIELD = 1000
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The newest matching stories, and how many matched `within` a time.

    `complete`: every story was checked, not only the newest ones.
    """

    newest: tuple[Story, ...]
    count: int
    within: timedelta
    complete: bool = True

    def describe(self) -> str:
        """The expected rate as a sentence."""
        return messages.describe_rate(
            self.count,
            self.within,
            WINDOW,
            any_match=bool(self.newest),
            complete=self.complete,
        )


def show_estimate(
    embed: discord.Embed,
    estimate: Estimate,
    title: str = messages.MATCHES_TITLE,
    stories: Sequence[Story] | None = None,
) -> None:
    """Show an estimate in an embed: stories as a field, the rate as the footer.

    The stories are the newest ones unless others are given.
    """
    lines = [
        messages.describe_match(story_link(story, _DETAIL), story.article.quality, story.dated_at)
        for story in (estimate.newest if stories is None else stories)
    ]
    value = fit_entries(lines, _FIELD) or messages.NO_MATCHES
    embed.add_field(name=title, value=value, inline=False)
    embed.set_footer(text=estimate.describe())


async def estimate_matches(
    stories: StoryStore, spec: SubscriptionSpec, server: Sequence[SubscriptionSpec], now: datetime
) -> Estimate:
    """Estimate how many stories match, from the newest ones. `server`: see `select_wanted`."""
    rules = spec.rules
    page = await stories.find_stories(
        StoryQuery(topics=rules.topics, min_quality=rules.min_quality, limit=_MAX_STORIES)
    )
    found = select_wanted(page.stories, spec, server)
    within, complete = WINDOW, page.total <= len(page.stories)
    if not complete:
        oldest = min(story.dated_at for story in page.stories)
        within = min(WINDOW, max(_DAY, now - oldest))
    count = sum(now - story.dated_at <= within for story in found)
    return Estimate(tuple(found[:_SHOWN]), count, within, complete)
