"""The editor's message: summary, preview and components. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

import discord

from bot.discordapp.markdown import discord_length, plain
from bot.discordapp.rendering.lists import story_count
from bot.discordapp.rendering.page import ACCENT, persistent_view
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

_CHANNEL_TYPES = [
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


_Item: TypeAlias = discord.ui.Item[discord.ui.View]


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


def editor_view(
    draft_id: int, state: EditorState, topics: Sequence[Topic], usual_bar: int
) -> discord.ui.View:
    """The components of the page that is open. `topics` are offered beside the chosen ones."""
    items = _more(draft_id, state) if state.more else _first(draft_id, state, topics, usual_bar)
    return persistent_view([*items, *_buttons(draft_id, state)])


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
    draft_id: int, state: EditorState, topics: Sequence[Topic], usual_bar: int
) -> list[_Item]:
    spec, digest = state.spec, state.spec.delivery.digest
    channel = discord.SelectDefaultValue.from_channel(discord.Object(spec.channel_id))
    topic_options = _topic_options(spec.rules.topics, topics)
    current = mode_value(digest)
    modes_offered = [
        discord.SelectOption(
            label=f"Digest {describe_digest(mode)}" if mode else "Each story at once",
            value=mode_value(mode),
            description=plain(spec.delivery.timezone, _LABEL) if mode else None,
            default=mode_value(mode) == current,
        )
        for mode in modes(digest)
    ]
    bars = _bars("Quality {} or better", "Any quality", spec.rules.min_quality, usual_bar)
    return [
        discord.ui.ChannelSelect(
            custom_id=custom_id(draft_id, Field.CHANNEL),
            placeholder="Which channel?",
            channel_types=_CHANNEL_TYPES,
            default_values=[channel],
        ),
        *([_any_of(draft_id, Field.TOPICS, "All topics", topic_options)] if topic_options else []),
        discord.ui.Select(custom_id=custom_id(draft_id, Field.BAR), options=bars),
        discord.ui.Select(custom_id=custom_id(draft_id, Field.MODE), options=modes_offered),
    ]


def _more(draft_id: int, state: EditorState) -> list[_Item]:
    mention, chosen = state.spec.delivery.mention, state.spec.rules.kinds
    role = discord.Object(mention.role_id) if mention else None
    bar = mention.min_quality if mention else 0
    kinds = [
        discord.SelectOption(label=label, value=kind.value, default=kind in chosen)
        for kind, label in _KINDS.items()
    ]
    # Those that are on by default come first.
    switches = [
        discord.SelectOption(
            label=switch.label,
            value=switch.name,
            description=switch.hint,
            default=getattr(state.spec.delivery, switch.name),
        )
        for switch in sorted(SWITCHES, key=lambda switch: not switch.default)
    ]
    if state.subscription_id is None and state.default_catch_up:
        label = f"Begin with the best {state.default_catch_up} so far"
        on = state.catch_up > 0
        switches.append(discord.SelectOption(label=label, value=CATCH_UP, default=on))
    return [
        discord.ui.RoleSelect(
            custom_id=custom_id(draft_id, Field.MENTION),
            placeholder="Mention nobody",
            min_values=0,
            default_values=[discord.SelectDefaultValue.from_role(role)] if role else [],
        ),
        discord.ui.Select(
            custom_id=custom_id(draft_id, Field.MENTION_BAR),
            options=_bars("Mention from quality {}", "Mention for every story", bar),
            disabled=mention is None,
        ),
        _any_of(draft_id, Field.KIND, "Articles and videos", kinds),
        _any_of(draft_id, Field.SWITCHES, "Nothing else", switches),
    ]


def _bars(label: str, zero: str, current: int, *usual: int) -> list[discord.SelectOption]:
    """Least qualities to choose from; `label` is a format string."""
    return [
        discord.SelectOption(
            label=label.format(bar) if bar else zero,
            value=str(bar),
            description="the usual bar" if bar in usual else None,
            default=bar == current,
        )
        for bar in sorted({*_BARS, current, *usual})
    ]


def _any_of(
    draft_id: int, field: Field, placeholder: str, options: list[discord.SelectOption]
) -> _Item:
    """A select of any number of options."""
    return discord.ui.Select(
        custom_id=custom_id(draft_id, field),
        placeholder=placeholder,
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
    counts = {topic.name: story_count(topic.stories) for topic in most_used}
    return [
        discord.SelectOption(
            label=name, value=name, description=counts.get(name), default=name in chosen
        )
        for name in dict.fromkeys([*chosen, *counts])
        if plain(name, _LABEL) == name and discord_length(name) <= _LABEL
    ][:_OPTIONS]
