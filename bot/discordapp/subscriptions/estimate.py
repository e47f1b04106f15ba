"""An estimate of how many stories match rules, from the archive."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import discord

from bot.announce.policy import meets_rules
from bot.discordapp.markdown import relative_time
from bot.discordapp.rendering.lists import Detail, story_link
from storage.models import Rules, Story, StoryQuery
from storage.protocols import StoryStore

_DETAIL = Detail(label=90, link=270, provider=0, topics=0)
WINDOW = timedelta(days=28)
# At most so many stories are read; if the window has more, they determine the rate.
_MOST = 400
_SHOWN = 3
_DAY = timedelta(days=1)
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Estimate:
    """The newest matching stories, and how many matched `within` a time.

    `whole`: every story was looked at, not only the newest ones.
    """

    newest: tuple[Story, ...]
    count: int
    within: timedelta
    whole: bool = True

    @property
    def words(self) -> str:
        """The expected rate as a sentence."""
        a_day = self.count / max(1.0, self.within / _DAY)
        if not self.newest:
            which = "No story so far" if self.whole else "None of the newest stories"
            return f"{which} meets these rules."
        if not self.count:
            return "No such story in the last 4 weeks."
        if a_day >= 1:
            return f"About {round(a_day)} a day."
        if a_day * _WEEK >= 1:
            return f"About {round(a_day * _WEEK)} a week."
        return f"{self.count} in the last 4 weeks."


def add_estimate(embed: discord.Embed, estimate: Estimate) -> None:
    """Show an estimate in an embed: the newest stories as a field, the rate as the footer."""
    lines = [
        f"• {story_link(story, _DETAIL)}"
        f" · quality {story.article.quality} · {relative_time(story.dated_at)}"
        for story in estimate.newest
    ]
    value = "\n".join(lines) or "Nothing so far."
    embed.add_field(name="The last ones like that", value=value, inline=False)
    embed.set_footer(text=estimate.words)


async def estimate(stories: StoryStore, rules: Rules, now: datetime) -> Estimate:
    """Estimate from the newest stories."""
    page = await stories.find_stories(
        StoryQuery(topics=rules.topics, min_quality=rules.min_quality, limit=_MOST)
    )
    found = [story for story in page.stories if meets_rules(story, rules)]
    within, whole = WINDOW, page.total <= len(page.stories)
    if not whole:
        oldest = min(story.dated_at for story in page.stories)
        within = min(WINDOW, max(_DAY, now - oldest))
    count = sum(now - story.dated_at <= within for story in found)
    return Estimate(tuple(found[:_SHOWN]), count, within, whole)
