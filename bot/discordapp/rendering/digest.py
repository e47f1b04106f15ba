"""A digest: the best stories of a day or a week in one message."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import discord

from bot.discordapp.markdown import discord_length, escaped
from bot.discordapp.messages import stories as labels
from bot.discordapp.rendering.coverage import folded_coverage
from bot.discordapp.rendering.lists import (
    BETWEEN_STORIES,
    DETAIL,
    LONG_LINKS,
    Detail,
    story_entry,
)
from bot.discordapp.rendering.page import ACCENT, persistent_view
from bot.discordapp.rendering.selects import story_select
from bot.discordapp.rendering.story import (
    BUTTON_URL,
    coverage_lines,
    picture_of,
    read_label,
    struck_title,
)
from bot.urls.safety import embeddable_url
from storage.models import DEFAULT_STYLE, Fact, Story, Style, Subscription

MOST_STORIES = 20
# Discord allows five rows with five buttons each; one is the select's, one button has the mark.
_MOST_LINKS = 19

# Discord allows 4096 characters in a description, 1024 in a field, and 6000 in an embed.
_DESCRIPTION = 4096
_FIELD = 1024
_TOTAL = 5900
_EXCERPT = 160
_FIELD_WITHOUT_NAME = "\u200b"
_NUMBER = re.compile(r"\*\*([0-9]+)\.\*\* ")
# From the most detailed one to one in which any twenty stories fit.
_DETAILS = (
    LONG_LINKS,
    DETAIL,
    Detail(label=110, link=300, provider=40, topics=0),
    Detail(label=80, link=220, provider=30, topics=0),
    Detail(label=60, link=130, provider=20, topics=0),
)


def digest_heading(
    subscription: Subscription | None, due_at: datetime, *, catch_up: bool = False
) -> str:
    """Which digest it is, and of which day in the subscription's time zone.

    A `catch_up` has the stories that a new subscription starts with.
    """
    if catch_up:
        return labels.BEST_SO_FAR
    delivery = subscription.spec.delivery if subscription else None
    if delivery is None or delivery.digest is None:
        return labels.DIGEST
    day = due_at.astimezone(ZoneInfo(delivery.timezone)).date()
    return labels.digest_heading(delivery.digest.days, day)


def digest_embeds(
    heading: str,
    stories: Sequence[Story],
    folded: Sequence[Story] = (),
    style: Style = DEFAULT_STYLE,
) -> tuple[discord.Embed, ...]:
    """At most `MOST_STORIES` stories in their order, numbered; withdrawn ones are struck through.

    The first one has a line of its excerpt if there is room. If it has a picture, it has an embed
    of its own, because Discord shows pictures below all text of an embed, or narrow the text.
    If the embeds would be too long, titles are shortened, and long addresses are omitted.
    """
    shown = stories[:MOST_STORIES]
    colour = ACCENT if style.colour is None else style.colour
    first = embed = discord.Embed(title=heading, colour=colour)
    footer = [labels.story_count(len(shown))]
    if Fact.QUALITY in style.facts:
        footer.append(labels.QUALITY_EXPLAINED)
    below = coverage_lines(folded_coverage(folded))
    footer_text = " · ".join(filter(None, [*footer, style.footer]))
    around = [heading, footer_text, *([labels.COVERAGE, below] if below else [])]
    entries = _fit(shown, _TOTAL - sum(map(discord_length, around)), style.facts)
    picture = picture_of(shown[0].article) if shown and not shown[0].withdrawn else None
    first.set_image(url=picture)
    if picture is not None and len(entries) > 1:
        first.description, *entries = entries
        embed = discord.Embed(colour=colour)
    embed.description, *others = _parts(entries)
    for part in others:
        embed.add_field(name=_FIELD_WITHOUT_NAME, value=part, inline=False)
    if below:
        embed.add_field(name=labels.COVERAGE, value=below, inline=False)
    embed.set_footer(text=footer_text)
    return (first,) if embed is first else (first, embed)


def digest_view(mark: str, stories: Sequence[Story], *embeds: discord.Embed) -> discord.ui.View:
    """The button below a digest, with the durable mark of its post (`Post.mark`), and a select.

    Stories whose addresses are too long for their lines in the `embeds` get buttons with links.
    """
    listed = tuple(enumerate(stories[:MOST_STORIES], start=1))
    label = why_label(stories)
    items: list[discord.ui.Item[Any]] = [discord.ui.Button(label=label, custom_id=mark)]
    linked = _linked_numbers(embeds) if embeds else range(MOST_STORIES + 1)
    for number, story in listed:
        address = embeddable_url(story.article.url, BUTTON_URL)
        if number not in linked and address and not story.withdrawn and len(items) <= _MOST_LINKS:
            text = labels.numbered_button(read_label(story.article), number)
            items.append(discord.ui.Button(label=text, url=address))
    if select := story_select(listed):
        items.append(select)
    return persistent_view(items)


def why_label(stories: Sequence[Story]) -> str:
    """The question that the button below a digest answers."""
    return labels.WHY_THIS_STORY if len(stories) == 1 else labels.WHY_THESE_STORIES


def _linked_numbers(embeds: Sequence[discord.Embed]) -> Collection[int]:
    """The numbers of the stories whose lines have links."""
    texts = [embed.description for embed in embeds]
    texts += [field.value for embed in embeds for field in embed.fields]
    lines = "\n".join(text or "" for text in texts).split("\n")
    found = (_NUMBER.match(line) for line in lines if "](http" in line)
    return {int(match[1]) for match in found if match}


def _fit(stories: Sequence[Story], room: int, facts: Collection[Fact]) -> list[str]:
    """The stories with the `facts`, an entry each, as detailed as fits.

    Long addresses that the chosen detail omits, and then a line of the first story's excerpt, are
    shown as far as there is room left.
    """
    entries: list[str] = []
    chosen = DETAIL
    for detail in _DETAILS:
        chosen = detail
        entries = [_entry(number, story, detail, facts) for number, story in enumerate(stories, 1)]
        if _length(entries) <= room:
            break
    with_link = replace(chosen, link=LONG_LINKS.link)
    for number, story in enumerate(stories, 1):
        longer = _entry(number, story, with_link, facts)
        linked = [*entries[: number - 1], longer, *entries[number:]]
        if _length(linked) <= room:
            entries = linked
    with_excerpt = [*map(_with_excerpt, entries[:1], stories), *entries[1:]]
    return with_excerpt if _length(with_excerpt) <= room else entries


def _length(entries: Sequence[str]) -> int:
    """The length of entries in an embed or two, in UTF-16 units."""
    return sum(discord_length(part) + len(_FIELD_WITHOUT_NAME) for part in _parts(entries))


def _entry(number: int, story: Story, detail: Detail, facts: Collection[Fact]) -> str:
    if story.withdrawn:
        return f"**{number}.** {struck_title(story, detail.label)}\n-# {labels.WITHDRAWN}"
    return story_entry(number, story, detail, facts=facts)


def _with_excerpt(entry: str, story: Story) -> str:
    """A story's entry with the beginning of its excerpt below the title."""
    excerpt = "" if story.withdrawn else escaped(story.article.excerpt, _EXCERPT)
    title, *below = entry.split("\n")
    return "\n".join([title, *([excerpt] if excerpt else []), *below])


def _parts(entries: Sequence[str]) -> list[str]:
    """The entries, one below the other, as a description and as many fields as needed.

    The empty names of the fields look like the empty lines between the entries.
    """
    parts: list[str] = []
    for entry in entries:
        limit = _DESCRIPTION if len(parts) == 1 else _FIELD
        longer = f"{parts[-1]}{BETWEEN_STORIES}{entry}" if parts else ""
        if longer and discord_length(longer) <= limit:
            parts[-1] = longer
        else:
            parts.append(entry)
    return parts
