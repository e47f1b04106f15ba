"""The button below every post: shows why its stories are here, and more about them.

Its custom_id is the post's durable mark; the buttons that turn the pages of the answer add a page:

    story:<post id>:<nonce>[:<button><page>]
"""

import re
from typing import Protocol

from bot.announce.archive_terms import ArchiveTerms
from bot.discordapp.components import ComponentKind, Use
from bot.discordapp.interactions import Interaction, errors_answered
from bot.discordapp.messages.news import STORY_GONE
from bot.discordapp.news.answer import replace_page, send_page
from bot.discordapp.news.pages import page_view
from bot.discordapp.rendering.about import about_page
from bot.discordapp.rendering.coverage import post_coverage
from storage.errors import NotFoundError
from storage.posts import ClaimedPost

_MARK = re.compile(
    r"story:(?P<post>[0-9]{1,18}):(?P<nonce>[0-9a-f]{24})(?::[fpnl](?P<page>[0-9]{1,3}))?"
)


class PostLookup(Protocol):
    """The part of the store that the button needs."""

    async def get_delivered(self, post_id: int) -> ClaimedPost:
        """Return a post with everything that its message shows. Raises `NotFoundError`."""


def story_button(posts: PostLookup, terms: ArchiveTerms) -> ComponentKind:
    """Answer the button below a post (its custom_id is `Post.mark`)."""

    async def answer(interaction: Interaction, use: Use) -> None:
        mark = use.match
        async with errors_answered(interaction, not_found=STORY_GONE):
            number = mark["page"]
            delivered = await _find(posts, int(mark["post"]), mark["nonce"], interaction.channel_id)
            coverage = post_coverage(delivered, await terms.latest())
            page = about_page(delivered, int(number or 0), coverage)
            name = delivered.post.mark
            view = page_view(page, lambda number, button: f"{name}:{button}{number}")
            if number is None:
                await send_page(interaction, page, view, ephemeral=True)
            else:
                await replace_page(interaction, page, view)

    return ComponentKind(_MARK, answer)


async def _find(posts: PostLookup, post_id: int, nonce: str, channel_id: int | None) -> ClaimedPost:
    """Return the post of a mark. Raises `NotFoundError` if nonce or channel are not the post's own.

    Anyone can send a custom_id, so the post's number alone proves nothing.
    """
    found = await posts.get_delivered(post_id)
    if (found.post.nonce, found.post.channel_id) != (nonce, channel_id):
        raise NotFoundError(STORY_GONE)
    return found
