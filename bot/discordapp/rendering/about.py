"""What the button below a post shows: more about its stories than the message itself."""

import discord

from bot.announce.policy import check_rules
from bot.discordapp.messages import about as messages
from bot.discordapp.rendering.coverage import Coverage
from bot.discordapp.rendering.digest import why_label
from bot.discordapp.rendering.page import ACCENT, QUIET, Page
from bot.discordapp.rendering.story import story_page, struck_title
from storage.models import Story
from storage.posts import ClaimedPost


def about_page(posted: ClaimedPost, number: int, coverage: Coverage) -> Page:
    """A page (from 0) about the stories of a message, or the last one if there are fewer.

    That of a digest says how its stories were chosen: the select beside the button opens them.
    """
    if posted.digest:
        return _digest_page(posted)
    story = posted.story
    if story.withdrawn:
        page = Page(
            discord.Embed(
                title=struck_title(story),
                description=messages.WITHDRAWN_BY_SOURCE,
                colour=QUIET,
            )
        )
    else:
        page = story_page(story, number, coverage, posted=posted.post.look)
    if page.number == 0:
        _add_field(page, messages.WHY_HERE, _why(posted, story))
        _add_field(page, messages.FACTS, messages.describe_facts(story))
    return page


def _digest_page(posted: ClaimedPost) -> Page:
    if len(posted.digest) == 1:
        why = _why(posted, posted.digest[0])
    else:
        delivery = posted.subscription.spec.delivery if posted.subscription else None
        why = messages.describe_digest(
            posted.subscription,
            delivery.digest if delivery else None,
            catch_up=bool(posted.catch_up),
            only_catch_up=posted.only_catch_up,
        )
    return Page(discord.Embed(title=why_label(posted.digest), description=why, colour=ACCENT))


def _why(posted: ClaimedPost, story: Story) -> str:
    rules = posted.subscription.spec.rules if posted.subscription else None
    return messages.describe_why(
        posted.subscription,
        check_rules(story, rules) if rules else (),
        catch_up=story.id in posted.catch_up,
    )


def _add_field(page: Page, name: str, value: str) -> None:
    page.embed.add_field(name=name, value=value, inline=False)
