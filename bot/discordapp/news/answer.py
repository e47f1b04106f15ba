"""Sends pages as answers of `/news`."""

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

import discord

from bot.discordapp.interactions import TOO_LATE, Interaction
from bot.discordapp.rendering.page import Page, only_text, without_pictures
from bot.discordapp.rendering.picture import Picture
from bot.discordapp.replies import reply_to

# A file may need a permission, and has a largest size.
_FILE_REFUSED = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}


async def send_page(
    interaction: Interaction,
    page: Page,
    view: discord.ui.View | None,
    *,
    ephemeral: bool = False,
    picture: Picture | None = None,
) -> discord.Embed:
    """Answer with a new message. Only the person who asked sees an `ephemeral` one.

    Returns the embed that Discord accepted, without the picture.
    """

    async def send(
        embed: discord.Embed, view: discord.ui.View | None, files: Sequence[discord.File]
    ) -> None:
        await reply_to(interaction).send(embeds=[embed], view=view, files=files, private=ephemeral)

    return await _send_acceptable(page.embed, view, picture, send)


async def replace_page(
    interaction: Interaction,
    page: Page,
    view: discord.ui.View | None,
    *,
    picture: Picture | None = None,
) -> discord.Embed:
    """Answer a button by changing the message that contains it, which loses its earlier picture.

    Returns the embed that Discord accepted, without the picture.
    """

    async def send(
        embed: discord.Embed, view: discord.ui.View | None, files: Sequence[discord.File]
    ) -> None:
        await reply_to(interaction).change(embeds=[embed], view=view, files=files)

    return await _send_acceptable(page.embed, view, picture, send)


async def _send_acceptable(
    embed: discord.Embed,
    view: discord.ui.View | None,
    picture: Picture | None,
    send: Callable[
        [discord.Embed, discord.ui.View | None, Sequence[discord.File]], Awaitable[None]
    ],
) -> discord.Embed:
    """Send an embed with its components, and with its picture if there is one.

    If Discord rejects it, send it without the picture, then without any picture, then as text, and
    then without its components.
    """
    if picture is not None:
        try:
            await send(picture.shown_in(embed), view, [picture.to_file()])
        except discord.HTTPException as error:
            if error.status not in _FILE_REFUSED or error.code in TOO_LATE:
                raise
        else:
            return embed
    plainer, text = without_pictures(embed), only_text(embed)
    for shown in (embed, plainer, text):
        try:
            await send(shown, view, [])
        except discord.HTTPException as error:
            if error.status != HTTPStatus.BAD_REQUEST or error.code in TOO_LATE:
                raise
        else:
            return shown
    await send(text, None, [])
    return text
