"""One story: its message in a channel, and its page with all coverage."""

import colorsys
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

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
from bot.discordapp.rendering.page import QUIET, Page, page_count, persistent_view
from bot.urls.pictures import may_be_picture
from bot.urls.safety import embeddable_url
from storage.models import (
    DEFAULT_STYLE,
    Article,
    Fact,
    Image,
    Kind,
    Look,
    Provider,
    RelatedArticle,
    Story,
    Style,
)

# Discord allows: title 256, description 4096, field 1024, author 256, footer 2048, and 6000
# in total (https://discord.com/developers/docs/resources/message#embed-object-embed-limits).
# Our limits are lower, because people skim a channel; tests check the totals.
_TITLE = 250
BUTTON_URL = 512  # Discord's limit
# How much of the excerpt the message of each look shows.
EXCERPTS = {Look.CARD: 800, Look.COMPACT: 0, Look.HEADLINE: 140, Look.GALLERY: 400}
_WHOLE_EXCERPT = 1500
# Of a link in the text, which replaces that of the title if Discord does not accept it there.
_LINK = 3000
_LINK_ON_PAGE = 600
_AUTHOR = 100
_TOPICS = 200
MOST_COVERAGE = 3
_COVERAGE_PER_PAGE = 5
_COVERAGE_LABEL = 90
_COVERAGE_LINK = 300
_COVERAGE_PROVIDER = 36

_TINY = 64
_HUGE = 4096
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


def story_embed(
    story: Story, coverage: Coverage = NO_COVERAGE, style: Style = DEFAULT_STYLE
) -> discord.Embed:
    """A story as it is posted: title, excerpt, provider, picture, topics, other articles."""
    if story.withdrawn:
        return discord.Embed(title=struck_title(story), description=labels.STORY_WITHDRAWN)
    embed = _embed(story, style=style)
    if lines := coverage_lines(coverage.same_event):
        embed.add_field(name=labels.COVERAGE, value=lines, inline=False)
    if lines := coverage_lines(coverage.related):
        embed.add_field(name=labels.RELATED, value=lines, inline=False)
    return embed


def story_view(mark: str, story: Story, coverage: Coverage = NO_COVERAGE) -> discord.ui.View:
    """The buttons below a post; the first has the post's mark (`Post.mark`) as its custom_id."""
    return persistent_view([about_button(mark, story, coverage), *read_button(story)])


def about_button(mark: str, story: Story, coverage: Coverage) -> discord.ui.Button[Any]:
    """The button for more about a story; its custom_id is the mark of the post."""
    total = 0 if story.withdrawn else len(coverage.same_event)
    label = labels.coverage_button(total) if total > MOST_COVERAGE else labels.ABOUT_STORY
    return discord.ui.Button(label=label, custom_id=mark)


def read_button(story: Story) -> list[discord.ui.Button[Any]]:
    """The button that leads to a story, if its address can be that of a button."""
    address = embeddable_url(story.article.url, BUTTON_URL)
    return [discord.ui.Button(label=read_label(story.article), url=address)] if address else []


def story_page(
    story: Story, number: int, coverage: Coverage = NO_COVERAGE, *, posted: Look | None = None
) -> Page:
    """A story with all other articles, split into pages (from 0).

    If `number` is beyond the last page, the last page is returned. What the message of a story that
    was `posted` in a look shows is omitted: its picture, and an excerpt that is not cut there.
    """
    count = page_count(coverage.total, _COVERAGE_PER_PAGE)
    number = min(number, count - 1)
    embed = _embed(story, _LINK_ON_PAGE)
    parts = [embed.description] if embed.description and number == 0 else []
    if posted is not None:
        link = "" if embed.url else _link_in_text(story.article, _LINK_ON_PAGE)
        whole = escaped(story.article.excerpt, _WHOLE_EXCERPT - discord_length(link))
        is_cut = whole != escaped(story.article.excerpt, EXCERPTS[posted])
        parts = [part for part in (whole if is_cut else "", link) if part and number == 0]
    first = number * _COVERAGE_PER_PAGE
    covered = len(coverage.same_event)
    articles = (*coverage.same_event, *coverage.related)
    for position in range(first, min(first + _COVERAGE_PER_PAGE, len(articles))):
        entry = _coverage_entry(articles[position])
        if position < covered and position == first:
            entry = f"{labels.coverage_heading(covered)}\n{entry}"
        elif position >= covered and position in {first, covered}:
            entry = f"{labels.related_heading(len(coverage.related))}\n{entry}"
        parts.append(entry)
    embed.description = "\n\n".join(parts) or None
    if number > 0 or posted not in {None, Look.COMPACT}:
        embed.set_image(url=None)
    footer = f"{embed.footer.text} · {labels.story_id(story.id)}"
    embed.set_footer(text=labels.page_footer(footer, number, count) if count > 1 else footer)
    return Page(embed, number, count)


def coverage_lines(covered: Sequence[RelatedArticle]) -> str:
    """The first few entries of coverage, a line each, for a field of a message."""
    return "\n".join(_coverage_line(related) for related in covered[:MOST_COVERAGE])


def struck_title(story: Story, limit: int = _TITLE) -> str:
    """A withdrawn story's title, struck through."""
    return f"~~{escaped(story.article.title, limit - 4) or labels.UNTITLED_STORY}~~"


def kind_prefix(kind: Kind) -> str:
    """A symbol before the title of a video, so that nobody opens one by surprise."""
    return "" if kind is Kind.ARTICLE else "▶ "


def _embed(story: Story, link_limit: int = _LINK, style: Style = DEFAULT_STYLE) -> discord.Embed:
    article = story.article
    embed = discord.Embed(
        title=kind_prefix(article.kind)
        + (named_beside_host(article.title, article.url, _TITLE) or labels.UNTITLED_STORY),
        url=embeddable_url(article.url),
        description=story_description(article, EXCERPTS[Look.CARD], link_limit),
        timestamp=dated_at(story, style),
        colour=story_colour(article.provider, style),
    )
    provider = article.provider.name if article.provider else ""
    if article.provider and (
        name := named_beside_host(provider, article.url, _AUTHOR, markup=False)
    ):
        embed.set_author(name=name, icon_url=_picture_url(article.provider.icon_url or ""))
    embed.set_image(url=picture_of(article))
    if footer := story_footer(article, style):
        embed.set_footer(text=footer)
    return embed


def story_description(article: Article, limit: int, link_limit: int = _LINK) -> str | None:
    """The excerpt; below it a link to the article if the title of an embed can't be one."""
    parts = [escaped(article.excerpt, limit)]
    if embeddable_url(article.url) is None:
        parts.append(_link_in_text(article, link_limit))
    return "\n\n".join(filter(None, parts)) or None


def dated_at(story: Story, style: Style) -> datetime | None:
    """The time of a story, if it is shown and Discord can show it."""
    is_shown = Fact.TIME in style.facts and story.dated_at >= _EARLIEST
    return story.dated_at if is_shown else None


def story_footer(article: Article, style: Style) -> str:
    """The kind, the facts and the admin's text below a story, without markup; "" if all are off."""
    parts = [labels.KINDS.get(article.kind, "")]
    if Fact.QUALITY in style.facts:
        parts.append(labels.quality_label(article.quality))
    if Fact.TOPICS in style.facts:
        parts.append(plain(", ".join(article.topics), _TOPICS))
    return " · ".join(filter(None, [*parts, style.footer]))


def story_colour(provider: Provider | None, style: Style) -> discord.Colour:
    """The chosen colour, or a soft one by which readers recognise the provider."""
    if style.colour is not None:
        return discord.Colour(style.colour)
    if provider is None:
        return QUIET
    hue = zlib.crc32(provider.name.casefold().encode("utf-8", "replace")) % 360
    red, green, blue = colorsys.hls_to_rgb(hue / 360, 0.56, 0.55)
    return discord.Colour.from_rgb(round(red * 255), round(green * 255), round(blue * 255))


def picture_of(article: Article) -> str | None:
    """The address of the largest usable picture; the first if sizes are unknown."""
    largest = max(usable_pictures(article.images), key=_area, default=None)
    return largest.url if largest else None


def usable_pictures(images: Iterable[Image]) -> list[Image]:
    """The pictures that Discord shows, and that are no icons or huge posters, each once."""
    usable: dict[str, Image] = {}
    for image in images:
        width, height = image.width or 0, image.height or 0
        if _area(image) and (min(width, height) < _TINY or max(width, height) > _HUGE):
            continue
        if url := _picture_url(image.url):
            usable.setdefault(url, replace(image, url=url))
    return list(usable.values())


def _area(image: Image) -> int:
    """The area of a picture; 0 if its size is unknown."""
    width, height = image.width or 0, image.height or 0
    return width * height if width > 0 and height > 0 else 0


def _picture_url(address: str) -> str | None:
    return embeddable_url(address) if may_be_picture(address) else None


def _link_in_text(article: Article, limit: int) -> str:
    """A link in the text, where Discord accepts addresses that it refuses in fields."""
    link = masked_link(read_label(article), article.url, limit)
    return link if link != read_label(article) else ""


def read_label(article: Article) -> str:
    """The label of a button or link that leads to an article."""
    return labels.READ if article.kind is Kind.ARTICLE else labels.WATCH


def _coverage_line(related: RelatedArticle) -> str:
    name = related.provider.name if related.provider else ""
    provider = named_beside_host(name, related.url, _COVERAGE_PROVIDER)
    line = f"• {_coverage_link(related)}"
    return f"{line} — {provider}" if provider else line


def _coverage_entry(related: RelatedArticle) -> str:
    """Two lines: the linked title, and in small print provider, quality and date."""
    name = related.provider.name if related.provider else ""
    facts = [named_beside_host(name, related.url, _AUTHOR)]
    if related.quality is not None:
        facts.append(labels.quality_note(related.quality))
    if related.published_at is not None:
        facts.append(relative_time(related.published_at))
    below = " · ".join(fact for fact in facts if fact)
    link = _coverage_link(related)
    return f"{link}\n-# {below}" if below else link


def _coverage_link(related: RelatedArticle) -> str:
    link = masked_link(related.title, related.url, _COVERAGE_LINK, _COVERAGE_LABEL)
    return kind_prefix(related.kind) + link
