"""What is left of a message without the fields that Discord rejects. Pure.

A message is sent complete; after a rejection without the rejected fields; at last as plain text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.discordapp.ids import parse_id
from bot.discordapp.messages import stories as labels
from bot.discordapp.rendering.page import persistent_view
from bot.discordapp.rendering.post import Message
from storage.reasons import Part

FieldPath = tuple[str, ...]

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

    Without an `embed`, `text` is the plain text that replaces it. `roles` are mentioned.
    `dropped` are the parts that are left out.
    """

    embed: discord.Embed | None
    view: discord.ui.View
    roles: tuple[int, ...] = ()
    text: str = ""
    dropped: tuple[Part, ...] = ()

    @property
    def content(self) -> str:
        """The content of the message: the mentions, and the text."""
        mentions = " ".join(f"<@&{role}>" for role in self.roles)
        return "\n".join(part for part in (mentions, self.text) if part)


def complete_payload(message: Message, roles: tuple[int, ...] = ()) -> Payload:
    """Everything that a message contains."""
    return Payload(message.embed, message.view, roles)


def reduce_payload(
    payload: Payload, rejected: Sequence[FieldPath], message: Message
) -> Payload | None:
    """The next payload to try after a rejection; None if nothing more can be left out.

    `rejected` are the paths of the rejected fields. If they are unknown, or if the message would
    no longer show its stories without them, the next payload is the message as plain text.
    """
    reduced = _without(payload, rejected, message)
    if reduced is not None and (payload.embed is None or _shows_link(payload, reduced, message)):
        return reduced
    if payload.embed is None:
        return None
    view = persistent_view(child for child in payload.view.children if _is_marked(child, message))
    return Payload(None, view, payload.roles, message.plain_text(), (*payload.dropped, Part.EMBED))


def _without(payload: Payload, rejected: Sequence[FieldPath], message: Message) -> Payload | None:
    """A payload without rejected fields; None if one of them is essential, unknown or not there."""
    in_embed: list[FieldPath] = []
    in_view: list[FieldPath] = []
    dropped: list[Part] = []
    roles = payload.roles
    for path in rejected:
        match path:
            case ("embeds", "0", *rest) | ("embed", *rest) if payload.embed is not None:
                in_embed.append(tuple(rest))
            case ("components", *rest):
                in_view.append(tuple(rest))
            case ("content" | "allowed_mentions", *_) if roles:
                roles = ()
                dropped.append(Part.MENTION)
            case _:
                return None
    embed, view = payload.embed, payload.view
    if embed is not None and in_embed:
        found = _without_fields(embed, in_embed, message)
        if found is None:
            return None
        embed = found[0]
        dropped += found[1]
    if in_view:
        fewer = _without_components(view, in_view, message)
        if fewer is None:
            return None
        view = fewer[0]
        dropped += fewer[1]
    if not dropped:
        return None
    every = tuple(dict.fromkeys((*payload.dropped, *dropped)))
    return replace(payload, embed=embed, view=view, roles=roles, dropped=every)


def _without_fields(
    embed: discord.Embed, paths: Iterable[FieldPath], message: Message
) -> tuple[discord.Embed, list[Part]] | None:
    """An embed without some of its parts, and the names of those."""
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
    reduced = discord.Embed.from_dict(raw)
    return None if reduced.to_dict() == embed.to_dict() else (reduced, dropped)


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
    view: discord.ui.View, paths: Iterable[FieldPath], message: Message
) -> tuple[discord.ui.View, list[Part]] | None:
    """A view without rejected components, and the kinds of those.

    The button with the mark is not left out, but simplified.
    """
    rows = view.to_components()
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
    for child in view.children:
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
    return None if smaller.to_components() == rows else (smaller, dropped)


def _is_marked(item: discord.ui.Item[Any], message: Message) -> bool:
    return getattr(item, "custom_id", None) == message.mark


def _shows_link(payload: Payload, reduced: Payload, message: Message) -> bool:
    """Whether a reader can open the story, unless it was already impossible before.

    If Discord does not accept the address anywhere else, it is in the description.
    """
    if message.lists_stories or _MAY_CONTAIN_LINK.isdisjoint(
        set(reduced.dropped) - set(payload.dropped)
    ):
        return True
    if reduced.embed is not None and reduced.embed.url:
        return True
    return any(getattr(child, "url", None) for child in reduced.view.children)
