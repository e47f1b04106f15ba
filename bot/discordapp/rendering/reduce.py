"""What is left of a message without the fields that Discord rejects. Pure.

A message is sent complete; after a rejection without the rejected fields; at last as plain text.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import discord

from bot.discordapp.ids import parse_id
from bot.discordapp.messages import stories as labels
from bot.discordapp.rendering.layout import Block, Layout, Pictures, Text
from bot.discordapp.rendering.line import FillLine
from bot.discordapp.rendering.message import Message
from bot.discordapp.rendering.page import persistent_view
from storage.reasons import Part

FieldPath = tuple[str, ...]
_Reduce: TypeAlias = Callable[["Payload", Sequence[FieldPath], Message], "Payload | None"]

# Parts of an embed that can be left out, by the field that they begin with. An icon or an address
# within one of them is left out alone.
_PARTS = {
    "author": Part.AUTHOR,
    "image": Part.PICTURE,
    "thumbnail": Part.PICTURE,
    "footer": Part.FOOTER,
    "timestamp": Part.DATE,
    "color": Part.COLOUR,
    "url": Part.LINK,
}
_MAY_CONTAIN_LINK = {Part.LINK, Part.BUTTON, Part.EXCERPT}
_INNER_PARTS = {"icon_url": Part.ICON, "proxy_icon_url": Part.ICON, "url": Part.LINK}


@dataclass(frozen=True, slots=True)
class Payload:
    """What is sent of a message.

    `roles` are mentioned, in the `line` if there is one. `dropped` are the parts that are left out.
    `is_plain`: plain text replaces the message; `hides_previews`: links in its text have no
    previews.
    """

    view: discord.ui.View
    embed: discord.Embed | None = None
    layout: Layout | None = None
    text: str = ""
    roles: tuple[int, ...] = ()
    dropped: tuple[Part, ...] = ()
    line: FillLine | None = None
    is_plain: bool = False
    hides_previews: bool = False
    more_embeds: tuple[discord.Embed, ...] = ()

    @property
    def embeds(self) -> list[discord.Embed]:
        """The embeds of the message."""
        return [] if self.embed is None else [self.embed, *self.more_embeds]

    @property
    def content(self) -> str:
        """The content of the message: what is above it, and the text."""
        return "" if self.layout else "\n".join(filter(None, (self.above, self.text)))

    @property
    def components(self) -> discord.ui.View | discord.ui.LayoutView:
        """The components of the message."""
        return self.layout.view(self.above, self.view.children) if self.layout else self.view

    @property
    def above(self) -> str:
        """The line with the mentions."""
        mentions = " ".join(f"<@&{role}>" for role in self.roles)
        return self.line(mentions) if self.line else mentions


def complete_payload(message: Message, roles: tuple[int, ...] = ()) -> Payload:
    """Everything that a message contains."""
    return Payload(
        message.view,
        message.embed,
        message.layout,
        message.text,
        roles,
        line=message.line,
        hides_previews=bool(message.text),
        more_embeds=message.more_embeds,
    )


def reduce_payload(
    payload: Payload, rejected: Sequence[FieldPath], message: Message, *, is_edit: bool = False
) -> Payload | None:
    """The next payload to try after a rejection; None if nothing more can be left out.

    `rejected` are the paths of the rejected fields. If they are unknown, or if the message would
    no longer show its stories without them, the next payload is the message as plain text.
    `is_edit`: the message is in the channel, so that one with a layout keeps having one.
    """
    reduced = _without(payload, rejected, message)
    if reduced is not None and (payload.is_plain or _shows_link(payload, reduced, message)):
        return reduced
    if payload.is_plain:
        return None
    text = message.plain_text()
    keeps_layout = is_edit and payload.layout is not None
    return replace(
        payload,
        view=persistent_view(
            child for child in payload.view.children if _is_marked(child, message)
        ),
        embed=None,
        layout=Layout((Text(text),)) if keeps_layout else None,
        text="" if keeps_layout else text,
        dropped=(*payload.dropped, Part.EMBED),
        line=None,
        is_plain=True,
    )


def _without(payload: Payload, rejected: Sequence[FieldPath], message: Message) -> Payload | None:
    """A payload without rejected fields; None if one of them is essential, unknown or not there."""
    groups: dict[_Reduce, list[FieldPath]] = {}
    for path in rejected:
        match _within_layout(payload, path):
            case ("embeds", "0", *rest) | ("embed", *rest) if payload.embed is not None:
                groups.setdefault(_without_fields, []).append(tuple(rest))
            case ("layout", *rest):
                groups.setdefault(_without_blocks, []).append(tuple(rest))
            case ("components", *rest):
                groups.setdefault(_without_components, []).append(tuple(rest))
            case ("content" | "allowed_mentions", *_) if payload.above:
                groups.setdefault(_without_line, []).append(())
            case _:
                return None
    reduced: Payload | None = payload
    for without, paths in groups.items():
        if reduced is not None:
            reduced = without(reduced, paths, message)
    return None if reduced is payload else reduced


def _reduced(payload: Payload, parts: Iterable[Part], **changes: Any) -> Payload:  # noqa: ANN401 - fields of the payload
    return replace(payload, dropped=tuple(dict.fromkeys((*payload.dropped, *parts))), **changes)


def _without_line(payload: Payload, _: Sequence[FieldPath], __: Message) -> Payload:
    """A payload without the line above it and its mentions."""
    above = {Part.MENTION: payload.roles, Part.LINE: payload.line}
    return _reduced(payload, [part for part in above if above[part]], roles=(), line=None)


def _within_layout(payload: Payload, path: FieldPath) -> FieldPath:
    """A path as it would be if the text above a layout were the content, and its buttons a row.

    The path of a part of the layout begins with `layout`.
    """
    if payload.layout is None:
        return path
    blocks = len(payload.layout.blocks)
    match path:
        case ("components", first, *_) if payload.above and parse_id(first) == 0:
            return ("content",)
        case ("components", _, "components", index, *rest) if parse_id(index) == blocks:
            return ("components", "0", *rest)
        case ("components", _, "components", *rest):
            return ("layout", *rest)
        case ("components", _, "accent_color", *_):
            return ("layout", "accent_color")
        case ("components", *_):
            return ()
        case _:
            return path


def _without_blocks(payload: Payload, paths: Sequence[FieldPath], _: Message) -> Payload | None:
    """A payload without rejected blocks or pictures of its layout."""
    layout = payload.layout
    assert layout is not None
    blocks: list[Block | None] = list(layout.blocks)
    pictures: set[tuple[int, int]] = set()
    colour, dropped = layout.colour, list[Part]()
    for path in paths:
        match path:
            case ("accent_color",):
                colour = None
                dropped.append(Part.COLOUR)
                continue
        index = parse_id(path[0]) if path else None
        block = layout.blocks[index] if index is not None and index < len(blocks) else None
        match block, path[1:]:
            case (Text(_, Part() as part), _):
                blocks[index or 0] = None
                dropped.append(part)
            case (Pictures(items), ("items", place, *_)) if _at(list(items), place):
                pictures.add((index or 0, parse_id(place) or 0))
                dropped.append(Part.PICTURE)
            case (Pictures(), _):
                blocks[index or 0] = None
                dropped.append(Part.PICTURE)
            case _:
                return None
    left = tuple(
        smaller
        for index, block in enumerate(blocks)
        if (smaller := _without_pictures(block, index, pictures)) is not None
    )
    return _reduced(payload, dropped, layout=Layout(left, colour))


def _without_pictures(
    block: Block | None, index: int, rejected: Collection[tuple[int, int]]
) -> Block | None:
    """A block without its rejected pictures; None if no picture is left."""
    if not isinstance(block, Pictures):
        return block
    left = [each for place, each in enumerate(block.items) if (index, place) not in rejected]
    return Pictures(tuple(left)) if left else None


def _without_fields(
    payload: Payload, paths: Sequence[FieldPath], message: Message
) -> Payload | None:
    """A payload without some parts of its embed."""
    embed = payload.embed
    assert embed is not None
    raw: dict[str, Any] = dict(embed.copy().to_dict())
    fields: set[int] = set()
    dropped: list[Part] = []
    for path in paths:
        match path:
            case (
                ("author" | "footer") as name,
                ("icon_url" | "proxy_icon_url" | "url") as key,
                *_,
            ):
                raw[name] = {k: v for k, v in raw.get(name, {}).items() if k != key}
                dropped.append(_INNER_PARTS[key])
            case (name, *_) if name in _PARTS and name in raw:
                del raw[name]
                dropped.append(_PARTS[name])
            case ("description", *_) if "description" in raw and not message.lists_stories:
                del raw["description"]
                dropped.append(Part.EXCERPT)
            case ("fields", place, *_) if (index := _optional(raw, place, message)) is not None:
                fields.add(index)
                dropped.append(Part.FIELD)
            case (name, *_) if name in _PARTS:
                continue  # already left out, with another path
            case _:
                return None
    if fields:
        raw["fields"] = [each for index, each in enumerate(raw["fields"]) if index not in fields]
    smaller = discord.Embed.from_dict(raw)
    if smaller.to_dict() == embed.to_dict():
        return None
    return _reduced(payload, dropped, embed=smaller)


def _optional(raw: dict[str, Any], place: str, message: Message) -> int | None:
    """The index of a field that may be left out: it shows none of the message's own stories."""
    named = [each["name"] for each in raw.get("fields", [])]
    if message.lists_stories or _at(named, place) in ([], [labels.COVERAGE]):
        return None
    return parse_id(place)


def _at(values: list[Any], place: str) -> list[Any]:
    """The value at an index that Discord names, or nothing if there is none."""
    index = parse_id(place)
    return [] if index is None else values[index : index + 1]


def _without_components(
    payload: Payload, paths: Sequence[FieldPath], message: Message
) -> Payload | None:
    """A payload without rejected buttons and menus.

    The button with the mark is not left out, but simplified.
    """
    rows = payload.view.to_components()
    rejected: list[Any] = []
    for path in paths:
        match path:
            case (row, "components", column, *_) if found := [
                child for each in _at(rows, row) for child in _at(each["components"], column)
            ]:
                rejected += found
            case (row, *_) if found := _at(rows, row):
                rejected += [child for each in found for child in each["components"]]
            case _:
                rejected += [child for row in rows for child in row["components"]]
    children: list[discord.ui.Item[Any]] = []
    dropped: list[Part] = []
    for child in payload.view.children:
        if child.to_component_dict() not in rejected:
            children.append(child)
            continue
        if _is_marked(child, message):
            label = labels.WHY_THESE_STORIES if message.lists_stories else labels.ABOUT_STORY
            simpler = discord.ui.Button[Any](label=label, custom_id=message.mark)
            children.append(simpler)
            if simpler.to_component_dict() == child.to_component_dict():
                continue
        dropped.append(Part.MENU if isinstance(child, discord.ui.Select) else Part.BUTTON)
    smaller = persistent_view(children)
    return None if smaller.to_components() == rows else _reduced(payload, dropped, view=smaller)


def _is_marked(item: discord.ui.Item[Any], message: Message) -> bool:
    return getattr(item, "custom_id", None) == message.mark


def _shows_link(payload: Payload, reduced: Payload, message: Message) -> bool:
    """Whether a reader can open the story, unless it was already impossible before.

    If Discord does not accept the address anywhere else, it is in the description. A text or a
    layout that has a link keeps it.
    """
    if message.lists_stories or _MAY_CONTAIN_LINK.isdisjoint(
        set(reduced.dropped) - set(payload.dropped)
    ):
        return True
    if reduced.embed is not None and reduced.embed.url:
        return True
    texts = [reduced.text, *(reduced.layout.texts if reduced.layout else ())]
    if any("](" in text for text in texts):
        return True
    return any(getattr(child, "url", None) for child in reduced.view.children)
