"""The look `compact`: a story in one or two lines of text, without picture and excerpt."""

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
from bot.discordapp.rendering.coverage import NO_COVERAGE, Coverage
from bot.discordapp.rendering.page import persistent_view
from bot.discordapp.rendering.story import (
    MOST_COVERAGE,
    about_button,
    dated_at,
    kind_prefix,
    read_button,
    struck_title,
)
from storage.models import DEFAULT_STYLE, Article, Fact, RelatedArticle, Story, Style

# The content of a message has at most 2,000 characters, some of which are left for a mention.
_MOST = 1600
_TITLE = 200
_TITLE_LINK = 1000
_PROVIDER = 60
_TOPICS = 60
_FOOTER = 200
_COVERAGE_LABEL = 40
_COVERAGE_LINK = 250


def compact_text(
    story: Story, coverage: Coverage = NO_COVERAGE, style: Style = DEFAULT_STYLE
) -> str:
    """The linked title, and in small print provider, facts and coverage."""
    if story.withdrawn:
        return f"{struck_title(story)}\n-# {labels.STORY_WITHDRAWN}"
    article = story.article
    lines = [f"{kind_prefix(article.kind)}**{_title(article)}**"]
    if facts := _facts(story, style):
        lines.append(f"-# {facts}")
    links: list[str] = []
    for related in coverage.same_event[:MOST_COVERAGE]:
        longer = labels.also_covered_by([*links, _coverage_link(related)])
        if discord_length("\n".join([*lines, longer])) <= _MOST:
            links.append(_coverage_link(related))
    if links:
        lines.append(labels.also_covered_by(links))
    return "\n".join(lines)


def compact_view(mark: str, story: Story, coverage: Coverage = NO_COVERAGE) -> discord.ui.View:
    """The button with the mark; another one leads to the story if its title can't be a link."""
    linked = not story.withdrawn and "](" in _title(story.article)
    buttons = [about_button(mark, story, coverage), *([] if linked else read_button(story))]
    return persistent_view(buttons)


def _title(article: Article) -> str:
    title = plain(article.title, _TITLE) or labels.UNTITLED_STORY
    return masked_link(title, article.url, _TITLE_LINK, _TITLE)


def _facts(story: Story, style: Style) -> str:
    article, time = story.article, dated_at(story, style)
    name = article.provider.name if article.provider else ""
    facts = [
        named_beside_host(name, article.url, _PROVIDER),
        labels.KINDS.get(article.kind, ""),
        labels.quality_label(article.quality) if Fact.QUALITY in style.facts else "",
        "" if time is None else relative_time(time),
        escaped(", ".join(article.topics), _TOPICS) if Fact.TOPICS in style.facts else "",
        escaped(style.footer, _FOOTER),
    ]
    return " · ".join(filter(None, facts))


def _coverage_link(related: RelatedArticle) -> str:
    """A link that is as short as the name of its provider."""
    name = plain(related.provider.name, _COVERAGE_LABEL) if related.provider else ""
    return masked_link(name or related.title, related.url, _COVERAGE_LINK, _COVERAGE_LABEL)
