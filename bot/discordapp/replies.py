"""The answers to one interaction, in time: what is not ready soon is deferred, and follows.

Discord shows an error when an interaction has no response after 3 seconds. A deferred response
holds its place, and is completed within 15 minutes:
https://docs.discord.com/developers/interactions/receiving-and-responding

Every answer is sent by a `Reply`, so whoever has an answer needs not know whether it is late.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import discord

from bot.clock import Clock
from bot.discordapp.command_mentions import CommandMentions
from bot.discordapp.malformed import MALFORMED
from bot.discordapp.messages import errors
from bot.discordapp.outcomes import FAILURES
from bot.errors import one_line

logger = logging.getLogger(__name__)

T = TypeVar("T")

DEFER_AFTER = 1.5
"""Seconds after which an interaction without a response is deferred."""

PUBLIC = "public"
"""In the extras of a command or group whose answers everybody sees, unless the option `private` is
true. All others are private."""

FOR_ADMINS = "for_admins"
"""In the extras of a group that does not count towards what the members of a server may ask."""

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes
UNKNOWN_MESSAGE, UNKNOWN_INTERACTION, ACKNOWLEDGED = 10008, 10062, 40060
# discord.py waits as long as a 429 asks. Interactions are soon closed.
_LONGEST_RESPONSE_SECONDS = 60.0
_KEY = "storywire.reply"


async def deliver(sending: Awaitable[T]) -> T | None:
    """Await a response to an interaction, and return its result. Raises `FAILURES`.

    discord.py also converts what Discord answers to it. If that has another shape than documented,
    the response counts as sent.
    """
    try:
        async with asyncio.timeout(_LONGEST_RESPONSE_SECONDS):
            return await sending
    except FAILURES:
        raise
    except MALFORMED as error:
        logger.warning("Discord's answer to a response can't be read (%s)", one_line(error))
    except RuntimeError as error:
        # aiohttp's, after its session was closed: the bot is stopping.
        logger.info("a response was not sent: %s", one_line(error))
    return None


class Reply:
    """Sends the answers to one interaction, one at a time.

    `private`: a deferred new message is shown to this person only. Discord can't change that later.
    """

    def __init__(
        self,
        interaction: discord.Interaction[Any],
        mentions: CommandMentions | None = None,
        *,
        private: bool = True,
        on_answered: Callable[[], None] = lambda: None,
    ) -> None:
        self._interaction = interaction
        self._mentions = mentions or CommandMentions()
        self._private = private
        self._on_answered = on_answered
        self._answered = False
        self._turn = asyncio.Lock()
        self._tried_to_defer = False
        # A message of ours shows that the bot is thinking, until an answer replaces it.
        self._thinking = False
        # The last message that is not the response itself.
        self._beside: discord.WebhookMessage | None = None

    async def send(
        self,
        content: str = "",
        *,
        embeds: Sequence[discord.Embed] = (),
        view: discord.ui.View | discord.ui.LayoutView | None = None,
        files: Sequence[discord.File] = (),
        private: bool = False,
        hides_previews: bool = False,
    ) -> None:
        """Answer with a new message; only this person sees a `private` one. Raises `FAILURES`.

        Nobody is mentioned by it. `hides_previews`: links in it have no previews.
        """
        message: dict[str, Any] = {"allowed_mentions": discord.AllowedMentions.none()}
        message |= {"content": self._mentions.in_content(content)} if content else {}
        message |= {"embeds": self._mentions.in_embeds(list(embeds))} if embeds else {}
        message |= {"view": view} if view is not None else {}
        new = message | {"ephemeral": private} | ({"files": files} if files else {})
        new |= {"suppress_embeds": True} if hides_previews else {}
        response = self._interaction.response
        async with self._turn:
            if not response.is_done():
                try:
                    await deliver(response.send_message(**new))
                except discord.HTTPException as error:
                    if not self._is_deferred_after_all(error, files):
                        raise
                else:
                    self._note_answer()
                    return
            if not (self._thinking and await self._complete(message, files, is_public=not private)):
                self._beside = await deliver(self._interaction.followup.send(**new, wait=True))
            self._note_answer()

    def _note_answer(self) -> None:
        if not self._answered:
            self._answered = True
            self._on_answered()

    async def _complete(
        self, message: dict[str, Any], files: Sequence[discord.File], *, is_public: bool
    ) -> bool:
        """Replace the deferred message; if that can't be the answer, remove it and return False."""
        can_replace = self._private or is_public
        message |= {"attachments": files} if files else {}
        try:
            if can_replace:
                await deliver(self._interaction.edit_original_response(**message))
            else:
                await deliver(self._interaction.delete_original_response())
        except discord.NotFound as error:
            if error.code != UNKNOWN_MESSAGE:
                raise
            can_replace = False  # somebody has deleted it
        self._thinking = False
        return can_replace

    async def change(
        self,
        *,
        content: str | None = discord.utils.MISSING,
        embeds: Sequence[discord.Embed] = discord.utils.MISSING,
        view: discord.ui.View | None = discord.utils.MISSING,
        files: Sequence[discord.File] = discord.utils.MISSING,
    ) -> None:
        """Answer a component or its form by changing its message. Raises `FAILURES`.

        What is not given stays as it is. Nobody is mentioned by it.
        """
        message: dict[str, Any] = {"allowed_mentions": discord.AllowedMentions.none()}
        message |= {"view": view, "attachments": files}
        message["content"] = self._mentions.in_content(content) if content else content
        message["embeds"] = self._mentions.in_embeds(list(embeds)) if embeds else embeds
        response = self._interaction.response
        async with self._turn:
            if not response.is_done():
                try:
                    await deliver(response.edit_message(**message))
                except discord.HTTPException as error:
                    if not self._is_deferred_after_all(error, files):
                        raise
                else:
                    self._note_answer()
                    return
            await deliver(self._interaction.edit_original_response(**message))
            self._note_answer()

    async def improve(self, embeds: Sequence[discord.Embed], files: Sequence[discord.File]) -> None:
        """Change the embeds and the files of the message that was sent last. Raises `FAILURES`."""
        edit = self._beside.edit if self._beside else self._interaction.edit_original_response
        shown, nobody = self._mentions.in_embeds(list(embeds)), discord.AllowedMentions.none()
        await deliver(edit(embeds=shown, attachments=files, allowed_mentions=nobody))

    async def open_form(self, form: discord.ui.Modal) -> None:
        """Answer with a form. Raises `FAILURES`.

        A form can't follow a deferred response; then the person is asked to try again.
        """
        async with self._turn:
            is_late = self._interaction.response.is_done()
            if not is_late:
                await deliver(self._interaction.response.send_modal(form))
                self._note_answer()
        if is_late:
            await self.send(errors.FORM_TOO_LATE, private=True)

    async def defer(self) -> None:
        """Promise an answer unless there has been one."""
        interaction, response = self._interaction, self._interaction.response
        async with self._turn:
            if response.is_done():
                return
            self._tried_to_defer = True
            # There is a message to change unless this is a command.
            thinking = interaction.message is None
            try:
                await deliver(response.defer(ephemeral=self._private, thinking=thinking))
            except FAILURES as error:
                logger.info("could not defer an answer: %s", one_line(error))
            else:
                self._thinking = thinking

    def _is_deferred_after_all(
        self, error: discord.HTTPException, files: Sequence[discord.File]
    ) -> bool:
        """Whether an answer was refused because the deferral arrived, although it had failed.

        Then its files can be sent again.
        """
        if not self._tried_to_defer or error.code != ACKNOWLEDGED:
            return False
        self._thinking = self._interaction.message is None
        for file in files or ():
            file.reset()  # discord.py has read it to its end
        return True


class Replies:
    """Watches over open interactions: those without a response in time are deferred.

    `on_answered` is called with the name of the command, or `component`, and the seconds until it
    was answered.
    """

    def __init__(
        self,
        clock: Clock,
        mentions: CommandMentions,
        defer_after: float,
        on_answered: Callable[[str, float], None] = lambda _, __: None,
    ) -> None:
        self._clock = clock
        self._mentions = mentions
        self._defer_after = defer_after
        self._on_answered = on_answered
        self._watching: set[asyncio.Task[None]] = set()

    def open(self, interaction: discord.Interaction[Any], *, private: bool = True) -> None:
        """Answer an interaction by a `Reply`, and defer that if it takes long.

        `private`: see `Reply`.
        """
        opened = self._clock.monotonic()
        command = interaction.command
        name = "component" if command is None else command.qualified_name

        def answered() -> None:
            self._on_answered(name, self._clock.monotonic() - opened)

        reply = Reply(interaction, self._mentions, private=private, on_answered=answered)
        interaction.extras[_KEY] = reply
        task = asyncio.create_task(self._watch(reply))
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)

    async def _watch(self, reply: Reply) -> None:
        await self._clock.sleep(self._defer_after)
        await reply.defer()

    def close(self) -> None:
        """Defer nothing any more."""
        for task in self._watching:
            task.cancel()


def reply_to(interaction: discord.Interaction[Any]) -> Reply:
    """What answers this interaction; one that is not watched is never deferred."""
    reply = interaction.extras.setdefault(_KEY, Reply(interaction))
    return reply if isinstance(reply, Reply) else Reply(interaction)
