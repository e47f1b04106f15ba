"""The editor's message: summary, preview and components. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import discord

from bot.discordapp.rendering.page import ACCENT
from bot.discordapp.rendering.text import discord_length, plain
from bot.discordapp.subscriptions.editor.state import (
    EditorState,
    Field,
    custom_id,
    mode_value,
    modes,
)
from bot.discordapp.subscriptions.estimate import Estimate, add_estimate
from bot.discordapp.subscriptions.formatting import (
    describe_delivery,
    describe_digest,
    describe_rules,
    fitted,
)
from bot.discordapp.subscriptions.options import CATCH_UP, SWITCHES
from bot.discordapp.subscriptions.timezones import local_clock
from storage.models import Kind, Topic

CHANNEL_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
]
_BARS = (0, 50, 60, 70, 80, 90, 100, 120)
_OPTIONS = 25  # https://discord.com/developers/docs/components/reference#string-select
_LABEL = 100
# In characters; all embeds of a message together may have 6000.
_PROBLEMS = 1_000
_KINDS = {Kind.ARTICLE: "Articles", Kind.VIDEO: "Videos"}


@dataclass(frozen=True, slots=True)
class Choices:
    """What the editor offers in addition to the current choice."""

    topics: Sequence[Topic]
    usual_bar: int


def editor_embed(state: EditorState, estimate: Estimate, now: datetime) -> discord.Embed:
    """What will be posted where and when, the latest matching stories, and how many to expect."""
    embed = discord.Embed(
        title="New subscription" if state.subscription_id is None else "Edit the subscription",
        description="\n".join(_lines(state, now)),
        colour=ACCENT,
    )
    add_estimate(embed, estimate)
    return embed


def problem_embeds(problems: Sequence[str]) -> list[discord.Embed]:
    """The problems, each once. The last embed of a message is the one right above the buttons."""
    lines = [f"⚠ {problem}" for problem in dict.fromkeys(problems)]
    if not lines:
        return []
    return [discord.Embed(description=fitted(lines, _PROBLEMS), colour=discord.Colour.red())]


def editor_view(draft_id: int, state: EditorState, choices: Choices) -> discord.ui.View:
    """The components of the page that is open.

    The view is stopped, so that discord.py keeps nothing of it in memory.
    """
    view = discord.ui.View(timeout=None)
    items = _more(draft_id, state) if state.more else _first(draft_id, state, choices)
    for row, item in enumerate(items):
        item.row = row
        view.add_item(item)
    for button in _buttons(draft_id, state):
        button.row = len(items)
        view.add_item(button)
    view.stop()
    return view


def _lines(state: EditorState, now: datetime) -> list[str]:
    spec, delivery = state.spec, state.spec.delivery
    clock = f"there it is {local_clock(delivery.timezone, now)} now"
    when = "each story at once"
    if delivery.digest:
        when = f"{describe_digest(delivery.digest)} {delivery.timezone} ({clock})"
        when += f", the best {delivery.digest.best} in one message"
    # The digest is described in full above.
    others = describe_delivery(delivery, spec.max_per_hour)[bool(delivery.digest) :]
    lines = [
        f"**Where:** <#{spec.channel_id}>",
        f"**What:** {describe_rules(spec.rules)}",
        f"**When:** {when}",
    ]
    if others:
        lines.append(f"**How:** {'; '.join(others)}")
    if state.catch_up:
        best = "the best one" if state.catch_up == 1 else f"the best {state.catch_up}"
        lines.append(f"**To begin with:** {best} so far, of any age")
    return lines


def _first(
    draft_id: int, state: EditorState, choices: Choices
) -> list[discord.ui.Item[discord.ui.View]]:
    spec = state.spec
    items: list[discord.ui.Item[discord.ui.View]] = [
        discord.ui.ChannelSelect(
            custom_id=custom_id(draft_id, Field.CHANNEL),
            placeholder="Which channel?",
            channel_types=CHANNEL_TYPES,
            default_values=[
                discord.SelectDefaultValue(
                    id=spec.channel_id, type=discord.SelectDefaultValueType.channel
                )
            ],
        )
    ]
    if topics := _topic_options(spec.rules.topics, choices.topics):
        items.append(
            discord.ui.Select(
                custom_id=custom_id(draft_id, Field.TOPICS),
                placeholder="All topics",
                min_values=0,
                max_values=len(topics),
                options=topics,
            )
        )
    items.append(
        _select(
            custom_id(draft_id, Field.BAR),
            [
                discord.SelectOption(
                    label=f"Quality {bar} or better" if bar else "Any quality",
                    value=str(bar),
                    description="the usual bar" if bar == choices.usual_bar else None,
                    default=bar == spec.rules.min_quality,
                )
                for bar in sorted({*_BARS, choices.usual_bar, spec.rules.min_quality})
            ],
        )
    )
    current = mode_value(spec.delivery.digest)
    items.append(
        _select(
            custom_id(draft_id, Field.MODE),
            [
                discord.SelectOption(
                    label=(f"Digest {describe_digest(mode)}" if mode else "Each story at once"),
                    value=mode_value(mode),
                    description=plain(spec.delivery.timezone, _LABEL) if mode else None,
                    default=mode_value(mode) == current,
                )
                for mode in modes(spec.delivery.digest)
            ],
        )
    )
    return items


def _more(draft_id: int, state: EditorState) -> list[discord.ui.Item[discord.ui.View]]:
    spec = state.spec
    mention, kinds = spec.delivery.mention, spec.rules.kinds
    bar = mention.min_quality if mention else 0
    items: list[discord.ui.Item[discord.ui.View]] = [
        discord.ui.RoleSelect(
            custom_id=custom_id(draft_id, Field.MENTION),
            placeholder="Mention nobody",
            min_values=0,
            max_values=1,
            default_values=[
                discord.SelectDefaultValue(
                    id=mention.role_id, type=discord.SelectDefaultValueType.role
                )
            ]
            if mention
            else [],
        ),
        _select(
            custom_id(draft_id, Field.MENTION_BAR),
            [
                discord.SelectOption(
                    label=f"Mention from quality {each}" if each else "Mention for every story",
                    value=str(each),
                    default=each == bar,
                )
                for each in sorted({*_BARS, bar})
            ],
            disabled=mention is None,
        ),
        discord.ui.Select(
            custom_id=custom_id(draft_id, Field.KIND),
            placeholder="Articles and videos",
            min_values=0,
            max_values=len(Kind),
            options=[
                discord.SelectOption(label=label, value=kind.value, default=kind in kinds)
                for kind, label in _KINDS.items()
            ],
        ),
        _switches(draft_id, state),
    ]
    return items


def _switches(draft_id: int, state: EditorState) -> discord.ui.Select[discord.ui.View]:
    # Those that are on by default come first.
    options = [
        discord.SelectOption(
            label=switch.label,
            value=switch.name,
            description=switch.hint,
            default=getattr(state.spec.delivery, switch.name),
        )
        for switch in sorted(SWITCHES, key=lambda switch: not switch.default)
    ]
    if state.subscription_id is None and state.default_catch_up:
        options.append(
            discord.SelectOption(
                label=f"Begin with the best {state.default_catch_up} so far",
                value=CATCH_UP,
                default=state.catch_up > 0,
            )
        )
    return discord.ui.Select(
        custom_id=custom_id(draft_id, Field.SWITCHES),
        placeholder="Nothing else",
        min_values=0,
        max_values=len(options),
        options=options,
    )


def _buttons(draft_id: int, state: EditorState) -> list[discord.ui.Button[discord.ui.View]]:
    grey, green = discord.ButtonStyle.secondary, discord.ButtonStyle.success
    if state.more:
        row = [
            (Field.BACK, "Back", grey),
            (Field.TIMES, "Times…", grey),
            (Field.WORDS, "Words…", grey),
            (Field.SAVE, "Save", green),
        ]
    else:
        row = [(Field.SAVE, "Save", green), (Field.MORE, "More…", grey)]
    return [
        discord.ui.Button(label=label, style=style, custom_id=custom_id(draft_id, field))
        for field, label, style in [*row, (Field.CANCEL, "Cancel", grey)]
    ]


def _topic_options(chosen: Sequence[str], most_used: Sequence[Topic]) -> list[discord.SelectOption]:
    """The chosen topics and the most used ones; names that Discord would change are left out."""
    names = list(dict.fromkeys([*chosen, *(topic.name for topic in most_used)]))
    counts = {topic.name: topic.stories for topic in most_used}
    return [
        discord.SelectOption(
            label=name,
            value=name,
            description=_count(counts[name]) if name in counts else None,
            default=name in chosen,
        )
        for name in names
        if plain(name, _LABEL) == name and discord_length(name) <= _LABEL
    ][:_OPTIONS]


def _count(stories: int) -> str:
    return "1 story" if stories == 1 else f"{stories:,} stories"


def _select(
    name: str, options: list[discord.SelectOption], *, disabled: bool = False
) -> discord.ui.Select[discord.ui.View]:
    return discord.ui.Select(custom_id=name, options=options, disabled=disabled)
