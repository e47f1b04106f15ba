"""The look `gallery`: a story with up to four pictures."""

from bot.discordapp.markdown import escaped, masked_link, named_beside_host, plain, relative_time
from bot.discordapp.messages import stories as labels
from bot.discordapp.rendering.coverage import NO_COVERAGE, Coverage
from bot.discordapp.rendering.layout import TEXT_LENGTH, Block, Layout, Pictures, Text, text_length
from bot.discordapp.rendering.story import (
    EXCERPTS,
    coverage_lines,
    dated_at,
    kind_prefix,
    story_colour,
    story_footer,
    struck_title,
    usable_pictures,
)
from storage.models import DEFAULT_STYLE, Article, Look, Story, Style
from storage.reasons import Part

_PICTURES = 4
_TITLE = 250
_TITLE_LINK = 1300
_PROVIDER = 100
_FACTS = 650  # topics and the admin's footer with all characters escaped
_ALT = 250


def gallery_layout(
    story: Story, coverage: Coverage = NO_COVERAGE, style: Style = DEFAULT_STYLE
) -> Layout:
    """Provider, linked title, excerpt, pictures, other articles, and facts in small print."""
    if story.withdrawn:
        return Layout((Text(f"### {struck_title(story)}\n{labels.STORY_WITHDRAWN}"),))
    article = story.article
    blocks: list[Block] = [Text(_heading(article))]
    if excerpt := escaped(article.excerpt, EXCERPTS[Look.GALLERY]):
        blocks.append(Text(excerpt, Part.EXCERPT))
    if pictures := usable_pictures(article.images)[:_PICTURES]:
        blocks.append(Pictures(tuple((each.url, plain(each.alt, _ALT)) for each in pictures)))
    footer = _footer(story, style)
    room = TEXT_LENGTH - sum(map(text_length, (*blocks, *footer)))
    for heading, articles, part in (
        (labels.COVERAGE, coverage.same_event, None),
        (labels.RELATED, coverage.related, Part.FIELD),
    ):
        block = Text(f"**{heading}**\n{coverage_lines(articles)}", part)
        if articles and text_length(block) <= room:
            blocks.append(block)
            room -= text_length(block)
    return Layout((*blocks, *footer), story_colour(article.provider, style))


def _heading(article: Article) -> str:
    title = plain(article.title, _TITLE) or labels.UNTITLED_STORY
    name = article.provider.name if article.provider else ""
    provider = named_beside_host(name, article.url, _PROVIDER)
    link = masked_link(title, article.url, _TITLE_LINK, _TITLE)
    lines = [f"-# {provider}" if provider else "", f"### {kind_prefix(article.kind)}{link}"]
    return "\n".join(filter(None, lines))


def _footer(story: Story, style: Style) -> list[Text]:
    """The facts about a story in small print, if any are shown."""
    time = dated_at(story, style)
    facts = [
        escaped(story_footer(story.article, style), _FACTS),
        "" if time is None else relative_time(time),
    ]
    line = " · ".join(filter(None, facts))
    return [Text(f"-# {line}", Part.FOOTER)] if line else []
