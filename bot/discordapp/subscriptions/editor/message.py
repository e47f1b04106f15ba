"""The editor's message: summary, preview and components. Pure."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeAlias

import discord

from bot.discordapp.markdown import discord_length, plain
from bot.discordapp.messages import editor as messages
from bot.discordapp.messages.fitting import fit_entries
from bot.discordapp.messages.stories import story_count
from bot.discordapp.rendering.page import ACCENT, persistent_view
from bot.discordapp.subscriptions.channel_option import CHANNEL_TYPES
from bot.discordapp.subscriptions.editor.forms import input_problems
from bot.discordapp.subscriptions.editor.state import (
    EditorState,
    Field,
    Page,
    custom_id,
    mode_value,
    modes,
)
from bot.discordapp.subscriptions.estimate import Estimate, show_estimate
from bot.discordapp.subscriptions.options import CATCH_UP, SWITCHES
from bot.discordapp.subscriptions.parsing import COLOURS, format_colour
from storage.models import MAX_NAMES, Mention, Story, Topic

_QUALITIES = (0, 50, 60, 70, 80, 90, 100, 120)
_OPTIONS = 25  # https://discord.com/developers/docs/components/reference#string-select
_LABEL = 100
_NO_COLOUR = "none"
# In characters; all embeds of a message together may have 6000.
_PROBLEMS = 1_000

# Every page has five rows, so that the buttons of the last one keep their places.
_OPENING_ROW, _LAST_ROW = 3, 4
_NAVIGATION = {
    Page.MAIN: (Field.MORE, messages.MORE),
    Page.MORE: (Field.BACK, messages.BACK),
    Page.OTHERS: (Field.MORE, messages.BACK),
    Page.LOOK_AND_STYLE: (Field.MORE, messages.BACK),
}
_LABELS = {
    Field.SAVE: messages.SAVE,
    Field.CANCEL: messages.CANCEL,
    Field.UNDO: messages.UNDO_INPUT,
    Field.PREVIEW: messages.PREVIEW,
    Field.OTHERS: messages.OTHERS,
    Field.LOOK_AND_STYLE: messages.LOOK_AND_STYLE,
    Field.SCHEDULE: messages.SCHEDULE,
    Field.FILTERS: messages.FILTERS,
    Field.TAGS: messages.TAGS,
    Field.STYLE: messages.STYLE,
}

_Item: TypeAlias = discord.ui.Item[discord.ui.View]


def editor_embed(
    state: EditorState, first: Sequence[Story], estimate: Estimate, now: datetime
) -> discord.Embed:
    """What will be posted where and when, and how many stories to expect.

    It lists the `first` ones, which are posted when the draft is saved, or else the latest matches.
    """
    is_new = state.subscription_id is None
    embed = discord.Embed(
        title=messages.TITLE_NEW if is_new else messages.TITLE_EDIT,
        description=messages.describe_draft(state.spec, state.catch_up, now),
        colour=ACCENT,
    )
    if first:
        show_estimate(embed, estimate, messages.FIRST_TITLE, first)
    else:
        show_estimate(embed, estimate)
    return embed


def problem_embeds(state: EditorState, problems: Sequence[str]) -> list[discord.Embed]:
    """The problems, each once, and the invalid inputs.

    The last embed of a message is the one right above the buttons.
    """
    invalid = input_problems(state)
    lines = list(map(messages.warn, dict.fromkeys([*problems, *invalid])))
    if not lines:
        return []
    text = fit_entries(lines, _PROBLEMS)
    if invalid:
        text += f"\n{messages.CORRECT_INPUT}"
    return [discord.Embed(description=text, colour=discord.Colour.red())]


def editor_view(
    draft_id: int,
    state: EditorState,
    topics: Sequence[Topic],
    default_quality: int,
    *,
    in_forum: bool = False,
) -> discord.ui.View:
    """The components of the open page. `topics` are offered in addition to the chosen ones.

    `in_forum`: the chosen channel is a forum, and has tags.
    """
    pages = {
        Page.MAIN: _main_page(draft_id, state, topics, default_quality),
        Page.MORE: [
            *_more_page(draft_id, state),
            *_opening_buttons(
                draft_id,
                *(Field.SCHEDULE, Field.FILTERS, Field.OTHERS, Field.LOOK_AND_STYLE),
                *([Field.TAGS] if in_forum else []),
            ),
        ],
        Page.OTHERS: _others_page(draft_id, state),
        Page.LOOK_AND_STYLE: [
            *_look_and_style_page(draft_id, state),
            *_opening_buttons(draft_id, Field.STYLE),
        ],
    }
    return persistent_view([*pages[state.page], *_last_row(draft_id, state)])


def _main_page(
    draft_id: int, state: EditorState, topics: Sequence[Topic], default_quality: int
) -> list[_Item]:
    spec, digest = state.spec, state.spec.delivery.digest
    channel = discord.SelectDefaultValue.from_channel(discord.Object(spec.channel_id))
    topic_options = _topic_options(spec.rules.topics, topics)
    current = mode_value(digest)
    modes_offered = [
        discord.SelectOption(
            label=messages.mode_label(mode),
            value=mode_value(mode),
            description=plain(spec.delivery.timezone, _LABEL) if mode else None,
            default=mode_value(mode) == current,
        )
        for mode in modes(digest)
    ]
    qualities = _quality_options(messages.quality_label, spec.rules.min_quality, default_quality)
    return [
        discord.ui.ChannelSelect(
            custom_id=custom_id(draft_id, Field.CHANNEL),
            placeholder=messages.CHANNEL_PLACEHOLDER,
            channel_types=list(CHANNEL_TYPES),
            default_values=[channel],
        ),
        _multi_select(draft_id, Field.TOPICS, messages.TOPICS_PLACEHOLDER, topic_options)
        if topic_options
        else _no_topics(draft_id),
        discord.ui.Select(custom_id=custom_id(draft_id, Field.MIN_QUALITY), options=qualities),
        discord.ui.Select(custom_id=custom_id(draft_id, Field.MODE), options=modes_offered),
    ]


def _more_page(draft_id: int, state: EditorState) -> list[_Item]:
    mention = state.spec.delivery.mention
    # Switches that are on by default come first.
    switches = [
        discord.SelectOption(
            label=switch.text.label,
            value=switch.name,
            description=switch.text.hint,
            default=getattr(state.spec.delivery, switch.name),
        )
        for switch in sorted(SWITCHES, key=lambda switch: not switch.default)
    ]
    if state.subscription_id is None and state.default_catch_up:
        label = messages.catch_up_label(state.default_catch_up)
        on = state.catch_up > 0
        switches.append(discord.SelectOption(label=label, value=CATCH_UP, default=on))
    return [
        _role_select(draft_id, Field.MENTION, messages.MENTION_PLACEHOLDER, mention),
        _mention_quality_select(draft_id, Field.MENTION_QUALITY, mention),
        _multi_select(draft_id, Field.SWITCHES, messages.SWITCHES_PLACEHOLDER, switches),
    ]


def _opening_buttons(draft_id: int, *fields: Field) -> list[_Item]:
    """The buttons that open forms and pages."""
    return [
        discord.ui.Button(
            label=_LABELS[field], custom_id=custom_id(draft_id, field), row=_OPENING_ROW
        )
        for field in fields
    ]


def _others_page(draft_id: int, state: EditorState) -> list[_Item]:
    rules, second = state.spec.rules, state.spec.delivery.second_mention
    kinds = [
        discord.SelectOption(label=label, value=kind.value, default=kind in rules.kinds)
        for kind, label in messages.KINDS.items()
    ]
    return [
        _multi_select(draft_id, Field.KINDS, messages.KINDS_PLACEHOLDER, kinds),
        discord.ui.ChannelSelect(
            custom_id=custom_id(draft_id, Field.NOT_IN),
            placeholder=messages.NOT_IN_PLACEHOLDER,
            channel_types=list(CHANNEL_TYPES),
            min_values=0,
            max_values=MAX_NAMES,
            default_values=[
                discord.SelectDefaultValue.from_channel(discord.Object(each))
                for each in rules.not_in
            ],
        ),
        _role_select(draft_id, Field.SECOND_MENTION, messages.SECOND_MENTION_PLACEHOLDER, second),
        _mention_quality_select(draft_id, Field.SECOND_MENTION_QUALITY, second),
    ]


def _look_and_style_page(draft_id: int, state: EditorState) -> list[_Item]:
    chosen, style = state.spec.delivery.look, state.spec.delivery.style
    looks = [
        discord.SelectOption(
            label=label, value=look.value, description=hint, default=look is chosen
        )
        for look, (label, hint) in messages.LOOKS.items()
    ]
    facts = [
        discord.SelectOption(
            label=label, value=fact.value, description=hint, default=fact in style.facts
        )
        for fact, (label, hint) in messages.FACTS.items()
    ]
    return [
        discord.ui.Select(custom_id=custom_id(draft_id, Field.LOOK), options=looks),
        discord.ui.Select(
            custom_id=custom_id(draft_id, Field.COLOUR), options=_colour_options(style.colour)
        ),
        _multi_select(draft_id, Field.FACTS, messages.FACTS_PLACEHOLDER, facts),
    ]


def _colour_options(current: int | None) -> list[discord.SelectOption]:
    """The colours with names, and the current one; the form takes any."""
    named: list[tuple[str | None, int | None]] = [(None, None), *COLOURS.items()]
    if current is not None and current not in COLOURS.values():
        named.append((format_colour(current), current))
    return [
        discord.SelectOption(
            label=messages.colour_label(name),
            value=name or _NO_COLOUR,
            default=colour == current,
        )
        for name, colour in named
    ]


def _role_select(draft_id: int, field: Field, placeholder: str, mention: Mention | None) -> _Item:
    """A select of a role to mention, or none."""
    role = discord.Object(mention.role_id) if mention else None
    return discord.ui.RoleSelect(
        custom_id=custom_id(draft_id, field),
        placeholder=placeholder,
        min_values=0,
        default_values=[discord.SelectDefaultValue.from_role(role)] if role else [],
    )


def _mention_quality_select(draft_id: int, field: Field, mention: Mention | None) -> _Item:
    """A select of the minimum quality of stories that mention the role."""
    quality = mention.min_quality if mention else 0
    return discord.ui.Select(
        custom_id=custom_id(draft_id, field),
        options=_quality_options(messages.mention_quality_label, quality),
        disabled=mention is None,
    )


def _quality_options(
    label: Callable[[int], str], current: int, *defaults: int
) -> list[discord.SelectOption]:
    """Minimum qualities to choose from."""
    return [
        discord.SelectOption(
            label=label(quality),
            value=str(quality),
            description=messages.DEFAULT_QUALITY if quality in defaults else None,
            default=quality == current,
        )
        for quality in sorted({*_QUALITIES, current, *defaults})
    ]


def _multi_select(
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


def _no_topics(draft_id: int) -> _Item:
    """A disabled select: without it, this page would have a row less than the others."""
    return discord.ui.Select(
        custom_id=custom_id(draft_id, Field.TOPICS),
        placeholder=messages.NO_TOPICS_PLACEHOLDER,
        options=[discord.SelectOption(label=messages.NO_TOPICS_PLACEHOLDER, value="-")],
        disabled=True,
    )


def _last_row(draft_id: int, state: EditorState) -> list[_Item]:
    """The same on every page; a row has room for five."""
    invalid = bool(input_problems(state))
    navigation, navigation_label = _NAVIGATION[state.page]
    fields = [Field.SAVE, Field.CANCEL, Field.PREVIEW, navigation]
    fields += [Field.UNDO] if invalid else []
    labels = {**_LABELS, navigation: navigation_label}
    green, grey = discord.ButtonStyle.success, discord.ButtonStyle.secondary
    return [
        discord.ui.Button(
            label=labels[field],
            style=green if field is Field.SAVE else grey,
            custom_id=custom_id(draft_id, field),
            disabled=invalid and field is Field.SAVE,
            row=_LAST_ROW,
        )
        for field in fields
    ]


def _topic_options(chosen: Sequence[str], most_used: Sequence[Topic]) -> list[discord.SelectOption]:
    """The chosen topics and the most used ones, without names that Discord would change."""
    counts = {topic.name: story_count(topic.stories) for topic in most_used}
    return [
        discord.SelectOption(
            label=name, value=name, description=counts.get(name), default=name in chosen
        )
        for name in dict.fromkeys([*chosen, *counts])
        if plain(name, _LABEL) == name and discord_length(name) <= _LABEL
    ][:_OPTIONS]
