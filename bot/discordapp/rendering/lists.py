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
# An empty line: without it, one can't see at a glance where a story ends.
BETWEEN_STORIES = "\n\n"


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
    listed = tuple(enumerate(found.stories, number * STORIES_PER_PAGE + 1))
    entries: list[str] = []
    for detail in (LONG_LINKS, DETAIL):
        entries = [story_entry(position, story, detail) for position, story in listed]
        if discord_length(BETWEEN_STORIES.join(entries)) <= room:
            break
    count = page_count(found.total, STORIES_PER_PAGE)
    footer = [_counted(labels.story_count(found.total, complete=found.complete), number, count)]
    footer += [labels.QUALITY_EXPLAINED] if listed and number == 0 else []
    embed = _list_embed(heading, BETWEEN_STORIES.join(entries), "\n".join(footer))
    return Page(embed, number, count, listed)


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
    return replace(page, charted=summary.topic)


def topic_list(topics: Sequence[Topic], total: int, number: int, *, complete: bool = True) -> Page:
    """One page of all topics, with their numbers of stories. `complete`: there are no others."""
    lines = [
        labels.topic_entry(escaped(topic.name, _TOPIC_NAME), topic.stories, topic.newest_at)
        for topic in topics
    ]
    count = page_count(total, TOPICS_PER_PAGE)
    footer = _counted(labels.topic_count(total, complete=complete), number, count)
    return Page(_list_embed(labels.TOPICS, "\n".join(lines), footer), number, count)


def _list_embed(heading: str, text: str, footer: str) -> discord.Embed:
    embed = discord.Embed(title=_heading(heading), description=text or None, colour=ACCENT)
    return embed.set_footer(text=footer)


def _counted(total: str, number: int, count: int) -> str:
    return labels.page_footer(total, number, count) if count > 1 else total


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
