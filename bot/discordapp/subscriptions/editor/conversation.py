"""The editor answers: each press and choice changes the draft, and the message shows it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias
from weakref import WeakValueDictionary

import discord

from bot.discordapp.permissions import grant_advice, missing_permissions
from bot.discordapp.subscriptions.access import (
    Interaction,
    Refusal,
    check_access,
    errors_told,
    person_of,
    server_of,
)
from bot.discordapp.subscriptions.confirming import added_words, changed_words
from bot.discordapp.subscriptions.editor.forms import times_form, typed_inputs, words_form
from bot.discordapp.subscriptions.editor.message import (
    Choices,
    editor_embed,
    editor_view,
    problem_embeds,
)
from bot.discordapp.subscriptions.editor.state import (
    EditorState,
    Field,
    from_json,
    read_custom_id,
    to_json,
)
from bot.discordapp.subscriptions.office import Office, check_role, find_channel
from bot.discordapp.subscriptions.wish import wish_of
from storage.errors import NotFoundError
from storage.models import Subscription

_Item: TypeAlias = discord.ui.Item[Any]
DynamicItemClass: TypeAlias = type[discord.ui.DynamicItem[_Item]]

_TOPICS = 25
_FORMS = {Field.TIMES: times_form, Field.WORDS: words_form}
_OLD = (
    "This editor is closed. `/subscriptions add` opens a new one, `/subscriptions edit` one for"
    " what there is."
)


class Editor:
    """Opens editors and answers what is chosen, typed and pressed in them."""

    def __init__(self, office: Office) -> None:
        self._office = office
        # Two presses in a row must not undo each other's choices, nor save twice: one for each
        # draft that somebody is busy with.
        self._busy: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def open(
        self, interaction: Interaction, channel_id: int, subscription: Subscription | None = None
    ) -> None:
        """Answer with an editor: for a new subscription of a channel, or for one that there is."""
        guild, problems = server_of(interaction), list[str]()
        if subscription is None:
            usual = await self._office.usual(guild.id, channel_id)
            state = EditorState(usual, catch_up=usual.catch_up)
        else:
            state = EditorState(wish_of(subscription), subscription.id)
            mention = subscription.spec.delivery.mention
            if mention is not None and guild.get_role(mention.role_id) is None:
                state = state.choose(Field.MENTION, [], [])
                problems.append("The role that it mentioned is gone.")
        draft_id = await self._office.store.save_draft(
            guild.id, interaction.user.id, to_json(state), self._office.clock.now()
        )
        embeds, view = await self._render(draft_id, state, [*problems, *_warnings(guild, state)])
        await interaction.response.send_message(embeds=embeds, view=view, ephemeral=True)

    async def use(
        self,
        interaction: Interaction,
        custom_id: str,
        values: Sequence[str],
        offered: Sequence[str],
    ) -> None:
        """Answer a select or a button."""
        async with errors_told(interaction):
            await check_access(interaction, self._office.store)
            draft_id, field = _read(custom_id)
            async with self._alone(draft_id):
                state = await self._draft(server_of(interaction).id, draft_id)
                if field in _FORMS:
                    await interaction.response.send_modal(_FORMS[field](draft_id, state))
                elif field is Field.SAVE:
                    await self._save(interaction, draft_id, state)
                elif field is Field.CANCEL:
                    await self._office.store.remove_draft(server_of(interaction).id, draft_id)
                    await _close(interaction, "Nothing was changed.")
                elif field in {Field.MORE, Field.BACK}:
                    state = replace(state, more=field is Field.MORE)
                    await self._show(interaction, draft_id, state)
                else:
                    await self._choose(interaction, draft_id, state, field, values, offered)

    async def submit(self, interaction: Interaction, custom_id: str) -> None:
        """Answer a form."""
        async with errors_told(interaction):
            await check_access(interaction, self._office.store)
            draft_id, field = _read(custom_id)
            async with self._alone(draft_id):
                state = await self._draft(server_of(interaction).id, draft_id)
                inputs = typed_inputs(interaction.data or {})
                if field is Field.TIMES:
                    state, problems = state.type_times(inputs)
                elif field is Field.WORDS:
                    state, problems = state.type_words(inputs)
                    rules = state.wish.rules
                    without, _ = await self._office.spelled(rules.without_topics)
                    wish = state.wish.with_rules(replace(rules, without_topics=without))
                    state = replace(state, wish=wish)
                else:
                    raise Refusal(_OLD)
                await self._show(interaction, draft_id, state, problems)

    async def _choose(
        self,
        interaction: Interaction,
        draft_id: int,
        state: EditorState,
        field: Field,
        values: Sequence[str],
        offered: Sequence[str],
    ) -> None:
        """A choice counts only if it is one: a client may send anything."""
        try:
            state = state.choose(field, values, offered)
        except (ValueError, TypeError) as error:
            raise Refusal("That can't be chosen. Please open the editor anew.") from error
        guild, problems = server_of(interaction), []
        try:
            if field is Field.CHANNEL:
                find_channel(guild, person_of(interaction), state.wish.channel_id)
            if field is Field.MENTION and state.wish.delivery.mention:
                check_role(guild, state.wish.delivery.mention.role_id)
        except Refusal as refusal:
            problems.append(str(refusal))
            state = await self._draft(guild.id, draft_id)
        await self._show(interaction, draft_id, state, problems)

    async def _save(self, interaction: Interaction, draft_id: int, state: EditorState) -> None:
        guild, person = server_of(interaction), person_of(interaction)
        try:
            if state.subscription_id is None:
                added, count = await self._office.add(guild, person, state.wish)
                words = added_words(guild, added, count, self._office.clock.now())
            else:
                changed = await self._office.change(
                    guild, person, state.subscription_id, state.wish
                )
                words = changed_words(guild, changed)
        except Refusal as refusal:
            await self._show(interaction, draft_id, state, [str(refusal)])
            return
        await self._office.store.remove_draft(guild.id, draft_id)
        await _close(interaction, words)

    async def _show(
        self,
        interaction: Interaction,
        draft_id: int,
        state: EditorState,
        problems: Sequence[str] = (),
    ) -> None:
        """Keep the draft and show it, with what could not be done below it."""
        guild = server_of(interaction)
        await self._office.store.update_draft(guild.id, draft_id, to_json(state))
        embeds, view = await self._render(draft_id, state, [*problems, *_warnings(guild, state)])
        await interaction.response.edit_message(content=None, embeds=embeds, view=view)

    async def _render(
        self, draft_id: int, state: EditorState, problems: Sequence[str]
    ) -> tuple[list[discord.Embed], discord.ui.View]:
        office = self._office
        estimate = await office.estimate(state.wish.rules)
        choices = Choices(await office.store.list_topics(_TOPICS), office.defaults.min_quality)
        embeds = [editor_embed(state, estimate, office.clock.now()), *problem_embeds(problems)]
        return embeds, editor_view(draft_id, state, choices)

    async def _draft(self, guild_id: int, draft_id: int) -> EditorState:
        """What was chosen so far; a draft of another server is not there."""
        try:
            state = from_json(await self._office.store.get_draft(guild_id, draft_id))
        except NotFoundError as error:
            raise Refusal(_OLD) from error
        if state is None:
            raise Refusal(_OLD)
        return state

    def _alone(self, draft_id: int) -> asyncio.Lock:
        return self._busy.setdefault(draft_id, asyncio.Lock())


def _read(custom_id: str) -> tuple[int, Field]:
    read = read_custom_id(custom_id)
    if read is None:
        raise Refusal(_OLD)
    return read


def _warnings(guild: discord.Guild, state: EditorState) -> list[str]:
    """What must be granted before it can be saved, said at once and not only then."""
    channel = guild.get_channel_or_thread(state.wish.channel_id)
    if not isinstance(channel, discord.TextChannel | discord.Thread):
        return ["I can't see that channel any more; please choose one."]
    missing = missing_permissions(channel)
    return [grant_advice(channel, missing)] if missing else []


async def _close(interaction: Interaction, words: str) -> None:
    await interaction.response.edit_message(
        content=words, embed=None, view=None, allowed_mentions=discord.AllowedMentions.none()
    )


def editor_item(editor: Editor) -> DynamicItemClass:
    """The class that answers the editor's selects and buttons, also after a restart."""

    class EditorItem(discord.ui.DynamicItem[_Item], template=r"subs:[0-9](?s:.*)"):
        """A select or a button of an editor."""

        @classmethod
        async def from_custom_id(
            cls, _interaction: Interaction, item: _Item, _match: re.Match[str], /
        ) -> EditorItem:
            """The component as discord.py found it in the message."""
            return cls(item)

        async def callback(self, interaction: Interaction) -> None:
            """Let the editor answer."""
            data: Any = interaction.data or {}
            options = self.item.options if isinstance(self.item, discord.ui.Select) else []
            values = [str(value) for value in data.get("values", [])]
            await editor.use(
                interaction, self.custom_id, values, [option.value for option in options]
            )

    return EditorItem
