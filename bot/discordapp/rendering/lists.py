"""Lists: pages of stories and of topics, and a topic's page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import discord

from bot.discordapp.markdown import (
    discord_length,
    escaped,
    masked_link,
    named_beside_host,
    plain,
    relative_time,
)
from bot.discordapp.messages import stories as labels
from bot.discordapp.rendering.page import ACCENT, Page, page_count
from bot.discordapp.rendering.story import kind_prefix
from storage.models import Story, StoryPage, Topic, TopicSummary

STORIES_PER_PAGE = 5
TOPICS_PER_PAGE = 15

_DESCRIPTION = 4096
_BELOW_TOPIC = 2900
_HEADING = 250
_PROVIDER = 40
_TOPIC_NAME = 100
_PROVIDERS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Detail:
    """Maximum lengths of the parts of a story's entry, in UTF-16 units; 0 omits a part."""

    label: int
    link: int
    provider: int
    topics: int


DETAIL = Detail(label=150, link=400, provider=_PROVIDER, topics=60)
# For the few addresses that take more, where there is room.
LONG_LINKS = replace(DETAIL, link=800)
TITLE_ONLY = Detail(label=150, link=400, provider=0, topics=0)


def story_list(heading: str, found: StoryPage, number: int, room: int = _DESCRIPTION) -> Page:
    """One page of stories, numbered across pages. `heading` is escaped here."""
    first = number * STORIES_PER_PAGE + 1
    lines: list[str] = []
    for detail in (LONG_LINKS, DETAIL):
        lines = [story_entry(n, story, detail) for n, story in enumerate(found.stories, first)]
        if sum(discord_length(line) + 1 for line in lines) <= room:
            break
    count = page_count(found.total, STORIES_PER_PAGE)
    total = labels.story_count(found.total, complete=found.complete)
    return _list_page(heading, lines, number, count, total)


def topic_page(summary: TopicSummary, found: StoryPage, number: int) -> Page:
    """A topic: its top story and its providers (on the first page), then its latest stories."""
    room = _DESCRIPTION if number > 0 else _BELOW_TOPIC
    page = story_list(summary.topic.name, found, number, room)
    if number > 0:
        return page
    above = [
        labels.top_story(story_link(summary.best)),
        labels.latest_story(summary.newest.dated_at),
    ]
    if summary.providers:
        shown = summary.providers[:_PROVIDERS_SHOWN]
        counted = [(escaped(name, _PROVIDER), stories) for name, stories in shown]
        above.append(labels.top_providers(counted))
    page.embed.description = "\n".join([*above, "", page.embed.description or ""]).strip()
    return page


def topic_list(topics: Sequence[Topic], total: int, number: int, *, complete: bool = True) -> Page:
    """One page of all topics, with their numbers of stories. `complete`: there are no others."""
    lines = [
        labels.topic_entry(escaped(topic.name, _TOPIC_NAME), topic.stories, topic.newest_at)
        for topic in topics
    ]
    pages = page_count(total, TOPICS_PER_PAGE)
    return _list_page(
        labels.TOPICS, lines, number, pages, labels.topic_count(total, complete=complete)
    )


def _list_page(heading: str, lines: Sequence[str], number: int, count: int, total: str) -> Page:
    embed = discord.Embed(
        title=_heading(heading), description="\n".join(lines) or None, colour=ACCENT
    )
    embed.set_footer(text=labels.page_footer(total, number, count) if count > 1 else total)
    return Page(embed, number, count)


def _heading(heading: str) -> str:
    return escaped(heading, _HEADING) or labels.STORIES


def story_entry(position: int, story: Story, detail: Detail = DETAIL) -> str:
    """Two lines: the linked title, and in small print provider, quality, date and topics."""
    article = story.article
    name = article.provider.name if article.provider else ""
    facts = [named_beside_host(name, article.url, detail.provider)]
    facts += [labels.quality_note(article.quality), relative_time(story.dated_at)]
    if detail.topics:
        facts.append(escaped(", ".join(article.topics), detail.topics))
    below = " · ".join(fact for fact in facts if fact)
    return f"**{position}.** {story_link(story, detail)}\n-# {below}"


def story_link(story: Story, detail: Detail = DETAIL) -> str:
    """The title, with a link if the address is safe and short enough."""
    article = story.article
    label = plain(article.title, detail.label) or labels.UNTITLED_STORY
    return kind_prefix(article.kind) + masked_link(label, article.url, detail.link, detail.label)
