"""What the button below a post shows: more about its stories than the message itself."""

from collections.abc import Sequence

import discord

from bot.announce.policy import check_rules
from bot.discordapp.markdown import discord_length, escaped
from bot.discordapp.messages import about as messages
from bot.discordapp.messages import stories as labels
from bot.discordapp.rendering.coverage import Coverage
from bot.discordapp.rendering.lists import (
    DETAIL,
    LONG_LINKS,
    STORIES_PER_PAGE,
    Detail,
    story_link,
)
from bot.discordapp.rendering.page import ACCENT, QUIET, Page, page_count
from bot.discordapp.rendering.story import story_page, struck_title
from storage.models import Story
from storage.posts import ClaimedPost

_DESCRIPTION = 4096
_EXCERPT_IN_LIST = 200


def about_page(posted: ClaimedPost, number: int, coverage: Coverage) -> Page | None:
    """A page (from 0) about the stories of a message, or the last one if there are fewer.

    None for a digest whose stories are all withdrawn.
    """
    if len(posted.digest) > 1:
        stories = [story for story in posted.digest if not story.withdrawn]
        return _digest_page(posted, stories, number) if stories else None
    story = posted.digest[0] if posted.digest else posted.story
    if story.withdrawn:
        page = Page(
            discord.Embed(
                title=struck_title(story),
                description=messages.WITHDRAWN_BY_SOURCE,
                colour=QUIET,
            )
        )
    else:
        page = story_page(story, number, coverage, posted_before=True)
    if page.number == 0:
        _add_field(page, messages.WHY_HERE, _why(posted, story))
        _add_field(page, messages.FACTS, messages.describe_facts(story))
    return page


def _digest_page(posted: ClaimedPost, stories: Sequence[Story], number: int) -> Page:
    count = page_count(len(stories), STORIES_PER_PAGE)
    number = min(number, count - 1)
    first = number * STORIES_PER_PAGE
    shown = stories[first : first + STORIES_PER_PAGE]
    entries: list[str] = []
    for detail in (LONG_LINKS, DETAIL):
        entries = [_entry(n, story, detail) for n, story in enumerate(shown, first + 1)]
        if sum(discord_length(entry) + 1 for entry in entries) <= _DESCRIPTION:
            break
    embed = discord.Embed(
        title=labels.IN_THIS_DIGEST, description="\n".join(entries), colour=ACCENT
    )
    total = labels.story_count(len(stories))
    embed.set_footer(text=labels.page_footer(total, number, count) if count > 1 else total)
    page = Page(embed, number, count)
    why = messages.describe_subscription(posted.subscription)
    _add_field(page, messages.WHY_THESE, why)
    return page


def _entry(position: int, story: Story, detail: Detail) -> str:
    excerpt = escaped(story.article.excerpt, _EXCERPT_IN_LIST)
    link = story_link(story, detail)
    lines = [f"**{position}.** {link}", excerpt, messages.describe_briefly(story)]
    return "\n".join(filter(None, lines))


def _why(posted: ClaimedPost, story: Story) -> str:
    rules = posted.subscription.spec.rules if posted.subscription else None
    return messages.describe_why(
        posted.subscription,
        check_rules(story, rules) if rules else (),
        catch_up=story.id in posted.catch_up,
    )


def _add_field(page: Page, name: str, value: str) -> None:
    page.embed.add_field(name=name, value=value, inline=False)
