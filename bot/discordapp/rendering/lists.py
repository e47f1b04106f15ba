"""Lists: pages of stories and of topics, and a topic's page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import discord

from bot.discordapp.markdown import (
    bold_in,
    discord_length,
    escaped,
    masked_link,
    named_beside_host,
    plain,
    relative_time,
)
from bot.discordapp.messages import stories as labels
from bot.discordapp.rendering.matches import Matches
from bot.discordapp.rendering.page import ACCENT, Page, page_count
from bot.discordapp.rendering.story import kind_prefix
from storage.models import ALL_FACTS, Fact, Story, StoryPage, Topic, TopicSummary
from storage.search.query import parse

STORIES_PER_PAGE = 5
TOPICS_PER_PAGE = 15

_DESCRIPTION = 4096
_HEADING = 250
_NAME = 40
_TOPIC_NAME = 100
_COUNTED = 5
_SNIPPET = 160
# An empty line: without it, one can't see at once where a story ends.
BETWEEN_STORIES = "\n\n"


@dataclass(frozen=True, slots=True)
class Detail:
    """Maximum lengths of the parts of a story's entry, in UTF-16 units; 0 omits a part."""

    label: int
    link: int
    provider: int
    topics: int


DETAIL = Detail(label=150, link=400, provider=_NAME, topics=60)
# For the few addresses that take more, where there is room.
LONG_LINKS = replace(DETAIL, link=800)
# Below a long text.
SHORT = Detail(label=110, link=300, provider=_NAME, topics=0)
TITLE_ONLY = Detail(label=150, link=400, provider=0, topics=0)


def story_list(
    heading: str, found: StoryPage, number: int, *, above: str = "", searched: str = ""
) -> Page:
    """One page of stories, numbered across pages. `heading` is escaped here.

    `above` is markdown that precedes the stories. `searched` is what a person searched for: the
    stories have the parts of their excerpts that match it.
    """
    query = parse(searched) if searched else None
    listed = tuple(enumerate(found.stories, number * STORIES_PER_PAGE + 1))
    matches = [Matches(story.article, query, _SNIPPET) if query else None for _, story in listed]
    text = ""
    for detail in (LONG_LINKS, DETAIL, SHORT):
        entries = BETWEEN_STORIES.join(
            story_entry(place, story, detail, matching)
            for (place, story), matching in zip(listed, matches, strict=True)
        )
        text = "\n".join(filter(None, (above, entries)))
        if discord_length(text) <= _DESCRIPTION:
            break
    count = page_count(found.total, STORIES_PER_PAGE)
    footer = [_total(labels.story_count(found.total, complete=found.complete), number, count)]
    footer += [labels.QUALITY_EXPLAINED] if listed and number == 0 else []
    return Page(_list_embed(heading, text, " · ".join(footer)), number, count, listed)


def topic_page(summary: TopicSummary, found: StoryPage, number: int) -> Page:
    """A topic's latest stories; above them on the first page what is known of the topic.

    That is its size, its best story, who writes most about it, and what its stories are also about.
    """
    above = []
    if number == 0:
        best = summary.best
        above = [
            labels.topic_size(summary.topic.stories, summary.newest.dated_at),
            labels.best_story(story_link(best), best.article.quality),
        ]
        if providers := _counted(summary.providers):
            above.append(labels.top_providers(providers))
        if related := _counted(summary.related):
            above.append(labels.related_topics(related))
        above += ["", labels.LATEST_STORIES]
    page = story_list(summary.topic.name, found, number, above="\n".join(above))
    return replace(page, charted=summary.topic if number == 0 else None)


def topic_list(topics: Sequence[Topic], total: int, number: int, *, complete: bool = True) -> Page:
    """One page of all topics, with their numbers of stories. `complete`: there are no others."""
    lines = [
        labels.topic_entry(escaped(topic.name, _TOPIC_NAME), topic.stories, topic.newest_at)
        for topic in topics
    ]
    count = page_count(total, TOPICS_PER_PAGE)
    footer = [_total(labels.topic_count(total, complete=complete), number, count)]
    footer += [labels.TIMES_EXPLAINED] if lines and number == 0 else []
    embed = _list_embed(labels.TOPICS, "\n".join(lines), " · ".join(footer))
    return Page(embed, number, count, topics=tuple(topics))


def _list_embed(heading: str, text: str, footer: str) -> discord.Embed:
    embed = discord.Embed(title=_heading(heading), description=text or None, colour=ACCENT)
    return embed.set_footer(text=footer)


def _total(total: str, number: int, count: int) -> str:
    return labels.page_footer(total, number, count) if count > 1 else total


def _counted(names: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """The first few names, as markdown; without those that nobody can see."""
    shown = [(escaped(name, _NAME), stories) for name, stories in names]
    return [(name, stories) for name, stories in shown if name][:_COUNTED]


def _heading(heading: str) -> str:
    return escaped(heading, _HEADING) or labels.STORIES


def story_entry(
    position: int,
    story: Story,
    detail: Detail = DETAIL,
    matches: Matches | None = None,
    facts: Collection[Fact] = ALL_FACTS,
) -> str:
    """Two lines: the linked title, and in small print provider, quality, date and topics.

    What `matches` a search is bold, and between the lines is the part of the text that does.
    `facts` are those that are shown; without any, and without a provider, there is one line.
    """
    article = story.article
    name = article.provider.name if article.provider else ""
    provider = named_beside_host(name, article.url, detail.provider)
    shows_topics = detail.topics and Fact.TOPICS in facts
    topics = escaped(", ".join(article.topics), detail.topics) if shows_topics else ""
    if matches:
        provider, topics = (bold_in(each, matches.parts) for each in (provider, topics))
    quality = labels.quality_note(article.quality) if Fact.QUALITY in facts else ""
    time = relative_time(story.dated_at) if Fact.TIME in facts else ""
    below = " · ".join(filter(None, (provider, quality, time, topics)))
    lines = [f"**{position}.** {story_link(story, detail, matches)}"]
    lines += [f"-# {below}"] if below else []
    if matches and matches.text:
        lines.insert(1, matches.text)
    return "\n".join(lines)


def story_link(story: Story, detail: Detail = DETAIL, matches: Matches | None = None) -> str:
    """The title, with a link if the address is safe and short enough."""
    article = story.article
    label = plain(article.title, detail.label) or labels.UNTITLED_STORY
    find = matches.parts if matches else None
    link = masked_link(label, article.url, detail.link, detail.label, bold=find)
    return kind_prefix(article.kind) + link
