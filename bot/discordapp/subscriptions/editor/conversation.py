"""Answers the editor's components and forms: each changes the draft and updates the message."""

import asyncio
import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol
from weakref import WeakValueDictionary

import discord

from bot.announce.policy import takers_of
from bot.clock import Clock
from bot.discordapp.components import ComponentKind, Use
from bot.discordapp.interactions import (
    Interaction,
    Refusal,
    errors_answered,
    person_of,
    server_of,
)
from bot.discordapp.markdown import plain
from bot.discordapp.messages import editor as messages
from bot.discordapp.messages import subscription_refusals as refusals
from bot.discordapp.messages.input_errors import OWN_CHANNEL
from bot.discordapp.outcomes import rejected_fields
from bot.discordapp.permissions import find_posting_channel, is_deleted_role, usable_tags
from bot.discordapp.rejections import BadRequestError
from bot.discordapp.rendering.reduce import Payload, complete_payload, reduce_payload
from bot.discordapp.replies import Reply, reply_to
from bot.discordapp.subscriptions.access import check_access
from bot.discordapp.subscriptions.actions import (
    SubscriptionActions,
    check_role,
    find_channel,
    find_channel_problem,
)
from bot.discordapp.subscriptions.confirmations import confirm_added_in, confirm_changed_in
from bot.discordapp.subscriptions.editor.forms import (
    FORMS,
    input_problems,
    open_form,
    read_form,
)
from bot.discordapp.subscriptions.editor.message import editor_embed, editor_view, problem_embeds
from bot.discordapp.subscriptions.editor.preview import Previewed, preview_messages
from bot.discordapp.subscriptions.editor.state import (
    PAGES,
    EditorState,
    Field,
    from_json,
    read_custom_id,
    to_json,
)
from bot.discordapp.subscriptions.estimate import Estimate, estimate_matches
from bot.discordapp.subscriptions.undo import undo_change_view
from storage.errors import NotFoundError
from storage.models import Story, Subscription
from storage.protocols import AccessStore, EditorDraftStore, StoryStore
from storage.reasons import MessageReduced, MessageRefused

_TOPICS = 25
# After that many rejections, a message of the preview becomes plain text.
_REQUESTS_IN_FULL = 4
# In characters.
_ANSWER = 300


class EditorStore(EditorDraftStore, StoryStore, AccessStore, Protocol):
    """What the editor needs of a store."""


class Editor:
    """Opens editors and answers their components and forms."""

    def __init__(self, actions: SubscriptionActions, store: EditorStore, clock: Clock) -> None:
        self._actions = actions
        self._store = store
        self._clock = clock
        # One for each draft in use, so that two interactions at once neither overwrite each
        # other's choices nor save twice.
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def open(
        self, interaction: Interaction, channel_id: int, subscription: Subscription | None = None
    ) -> None:
        """Answer with an editor for a new subscription of a channel, or for an existing one."""
        guild, problems = server_of(interaction), list[str]()
        if subscription is None:
            timezone = await self._actions.default_timezone(guild.id)
            spec = self._actions.default_spec(channel_id, timezone)
            catch_up = self._actions.defaults.catch_up
            state = EditorState(spec, catch_up=catch_up, default_catch_up=catch_up)
        else:
            state = EditorState(subscription.spec, subscription.id)
            for name in ("mention", "second_mention"):
                mention = getattr(subscription.spec.delivery, name)
                if mention is not None and guild.get_role(mention.role_id) is None:
                    state = state.change(**{name: None})
                    problems.append(messages.MENTIONED_ROLE_GONE)
            others = state.spec.rules.not_in
            known = tuple(each for each in others if guild.get_channel_or_thread(each) is not None)
            if known != others:
                state = state.change(not_in=known)
                problems.append(messages.OTHER_CHANNEL_GONE)
        draft_id = await self._store.save_draft(
            guild.id, interaction.user.id, to_json(state), self._clock.now()
        )
        embeds, view = await self._render(guild, draft_id, state, problems)
        await reply_to(interaction).send(embeds=embeds, view=view, private=True)

    async def use(self, interaction: Interaction, use: Use) -> None:
        """Answer a select, a button or a form."""
        async with errors_answered(interaction, not_found=refusals.NOT_FOUND):
            await check_access(interaction, self._store)
            if (found := read_custom_id(use.custom_id)) is None:
                raise Refusal(messages.CLOSED)
            draft_id, field = found
            guild = server_of(interaction)
            async with self._locks.setdefault(draft_id, asyncio.Lock()):
                state = await self._load_draft(guild.id, draft_id)
                if interaction.type is discord.InteractionType.modal_submit:
                    await self._submit(interaction, draft_id, state, field, use.typed)
                elif field in FORMS:
                    form = open_form(draft_id, field, state)
                    await reply_to(interaction).open_form(form)
                elif field is Field.SAVE:
                    await self._save(interaction, draft_id, state)
                elif field is Field.CANCEL:
                    await self._store.remove_draft(guild.id, draft_id)
                    await _close(interaction, messages.CANCELLED)
                elif field is Field.PREVIEW:
                    await self._preview(interaction, state)
                elif field is Field.UNDO:
                    await self._show(interaction, draft_id, replace(state, rejected={}))
                elif field in PAGES:
                    await self._show(interaction, draft_id, replace(state, page=PAGES[field]))
                else:
                    await self._choose(interaction, draft_id, state, field, use)

    async def _submit(
        self,
        interaction: Interaction,
        draft_id: int,
        state: EditorState,
        field: Field,
        typed: Mapping[str, str],
    ) -> None:
        if field not in FORMS:
            raise Refusal(messages.CLOSED)
        state = await asyncio.to_thread(read_form, field, state, typed)
        spec, _ = await self._actions.spell_topics(state.spec)
        await self._show(interaction, draft_id, replace(state, spec=spec))

    async def _choose(
        self,
        interaction: Interaction,
        draft_id: int,
        state: EditorState,
        field: Field,
        use: Use,
    ) -> None:
        """Apply a choice. It is checked first, as a client may send anything."""
        try:
            state = state.choose(field, use.values, use.offered)
        except (ValueError, TypeError) as error:
            raise Refusal(messages.NOT_OFFERED) from error
        guild, problems = server_of(interaction), []
        if field is Field.NOT_IN and str(state.spec.channel_id) in use.values:
            problems.append(OWN_CHANNEL)
        try:
            if field is Field.CHANNEL:
                await find_channel(guild, person_of(interaction), state.spec.channel_id)
            if field in {Field.MENTION, Field.SECOND_MENTION}:
                mention = getattr(state.spec.delivery, field.value)
                if mention is not None:
                    check_role(guild, mention.role_id)
        except Refusal as refusal:
            problems.append(str(refusal))
            state = await self._load_draft(guild.id, draft_id)
        await self._show(interaction, draft_id, state, problems)

    async def _save(self, interaction: Interaction, draft_id: int, state: EditorState) -> None:
        if input_problems(state):  # the button is disabled, but a client may send anything
            await self._show(interaction, draft_id, state)
            return
        guild, person = server_of(interaction), person_of(interaction)
        view: discord.ui.View | None = None
        try:
            if state.subscription_id is None:
                added, count = await self._actions.add(guild, person, state.spec, state.catch_up)
                text = confirm_added_in(guild, added, count, self._clock.now())
            else:
                changed, undo = await self._actions.change(
                    guild, person, state.subscription_id, state.spec
                )
                text = confirm_changed_in(guild, changed)
                view = await undo_change_view(self._store, interaction, undo, self._clock)
        except Refusal as refusal:
            await self._show(interaction, draft_id, state, [str(refusal)])
            return
        await self._store.remove_draft(guild.id, draft_id)
        await _close(interaction, text, view)

    async def _preview(self, interaction: Interaction, state: EditorState) -> None:
        """Show the messages that Save posts, or else one of the newest match, below the editor."""
        guild, now, reply = server_of(interaction), self._clock.now(), reply_to(interaction)
        first = await self._first_stories(guild, state)
        stories = first or (await self._estimate(guild, state)).newest[:1]
        channel = guild.get_channel(state.spec.channel_id)
        forum = channel if isinstance(channel, discord.ForumChannel) else None
        shown = preview_messages(
            guild.id,
            state.spec,
            stories,
            now,
            first=bool(first),
            is_deleted=partial(is_deleted_role, guild),
            forum_tags=[(tag.id, tag.name) for tag in usable_tags(forum)] if forum else (),
        )
        is_digest = state.spec.delivery.digest is not None
        lines = [messages.describe_preview(len(first), len(shown), is_digest=is_digest)]
        if forum:
            lines += messages.describe_threads([(each.title, each.tags) for each in shown])
        await reply.send("\n".join(lines), private=True)
        for each in shown:
            await _show_message(reply, each)

    async def _first_stories(self, guild: discord.Guild, state: EditorState) -> Sequence[Story]:
        if state.subscription_id is not None or not state.catch_up:
            return ()
        return await self._actions.first_stories(guild.id, state.spec, state.catch_up)

    async def _show(
        self,
        interaction: Interaction,
        draft_id: int,
        state: EditorState,
        problems: Sequence[str] = (),
    ) -> None:
        """Save the draft and show it, with the problems below it."""
        guild = server_of(interaction)
        await self._store.update_draft(guild.id, draft_id, to_json(state))
        embeds, view = await self._render(guild, draft_id, state, problems)
        await reply_to(interaction).change(content=None, embeds=embeds, view=view)

    async def _render(
        self, guild: discord.Guild, draft_id: int, state: EditorState, problems: Sequence[str]
    ) -> tuple[list[discord.Embed], discord.ui.View]:
        now = self._clock.now()
        estimate = await self._estimate(guild, state)
        topics = await self._store.list_topics(_TOPICS)
        problems = [*problems, *await _warnings(guild, state)]
        first = await self._first_stories(guild, state)
        embeds = [editor_embed(state, first, estimate, now), *problem_embeds(state, problems)]
        channel = guild.get_channel(state.spec.channel_id)
        view = editor_view(
            draft_id,
            state,
            topics,
            self._actions.defaults.min_quality,
            in_forum=isinstance(channel, discord.ForumChannel),
        )
        return embeds, view

    async def _estimate(self, guild: discord.Guild, state: EditorState) -> Estimate:
        subscriptions = await self._actions.list_subscriptions(guild.id)
        server = takers_of(subscriptions, state.spec, state.subscription_id)
        return await estimate_matches(self._store, state.spec, server, self._clock.now())

    async def _load_draft(self, guild_id: int, draft_id: int) -> EditorState:
        """Read a draft of this server. Raises `Refusal` if there is none."""
        with contextlib.suppress(NotFoundError):
            if state := from_json(await self._store.get_draft(guild_id, draft_id)):
                return state
        raise Refusal(messages.CLOSED)


async def _show_message(reply: Reply, shown: Previewed) -> None:
    """Send a message of the preview, without what Discord rejects, as the poster does."""
    payload: Payload | None = complete_payload(shown.message, shown.roles)
    answer, requests = "", 0
    while payload is not None:
        requests += 1
        try:
            await reply.send(
                payload.content,
                embeds=payload.embeds,
                view=payload.components,
                private=True,
                hides_previews=payload.hides_previews,
            )
        except BadRequestError as error:
            answer = answer or plain(error.text, _ANSWER)
            last_in_full = not payload.is_plain and requests >= _REQUESTS_IN_FULL
            rejected = () if last_in_full else rejected_fields(error)
            payload = reduce_payload(payload, rejected, shown.message)
        else:
            if payload.dropped:
                reduced = MessageReduced(payload.dropped, answer)
                await reply.send(messages.preview_reduced(reduced), private=True)
            return
    await reply.send(messages.preview_refused(MessageRefused(answer)), private=True)


async def _warnings(guild: discord.Guild, state: EditorState) -> list[str]:
    """What would prevent saving, to show it from the beginning."""
    channel = await find_posting_channel(guild, state.spec.channel_id)
    if channel is None:
        return [refusals.CHANNEL_INVISIBLE]
    problem = find_channel_problem(channel, state.spec)
    return [problem] if problem else []


async def _close(interaction: Interaction, text: str, view: discord.ui.View | None = None) -> None:
    await reply_to(interaction).change(content=text, embeds=[], view=view)


def editor_parts(editor: Editor) -> ComponentKind:
    """Answer the editor's selects, buttons and forms."""
    return ComponentKind(re.compile(r"subs:(?s:.*)"), editor.use, for_admins=True)
