"""Validation of the components of a message that consists of them (`IS_COMPONENTS_V2`).

https://docs.discord.com/developers/components/reference
"""

from bot.sandbox.errors import UnsupportedError
from bot.sandbox.model.components import ComponentReader, ComponentType, all_components
from bot.sandbox.model.entities import Json
from bot.sandbox.model.field_validation import Form, Path, length

MAX_COMPONENTS = 40
MAX_TEXT = 4000
_MAX_SECTION_TEXTS = 3
_MAX_PICTURES = 10
_MAX_DESCRIPTION = 1024

_IN_CONTAINER = (
    ComponentType.ACTION_ROW,
    ComponentType.SECTION,
    ComponentType.TEXT_DISPLAY,
    ComponentType.MEDIA_GALLERY,
    ComponentType.FILE,
    ComponentType.SEPARATOR,
)


def read_layout(form: Form, value: object) -> list[Json]:
    """Check the components of a message; returns them as Discord does."""
    reader = _LayoutReader(form)
    items = form.items(("components",), value, MAX_COMPONENTS)
    layout = [
        reader.block(("components", index), item, (*_IN_CONTAINER, ComponentType.CONTAINER))
        for index, item in enumerate(items)
    ]
    if len(list(all_components(layout))) > MAX_COMPONENTS >= len(items):
        message = f"Must be {MAX_COMPONENTS} or fewer in length."
        form.fail(("components",), "BASE_TYPE_MAX_LENGTH", message)
    if sum(map(length, layout_texts(layout))) > MAX_TEXT:
        message = f"The total size of displayable text exceeds {MAX_TEXT}"
        form.fail(("components",), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)
    return layout


def layout_texts(components: list[Json]) -> list[str]:
    """All texts among components, from top to bottom."""
    return [
        each["content"]
        for each in all_components(components)
        if each["type"] == ComponentType.TEXT_DISPLAY
    ]


class _LayoutReader(ComponentReader):
    def block(self, path: Path, value: object, kinds: tuple[ComponentType, ...]) -> Json:
        """Check a component that takes the whole width."""
        raw = self.form.mapping(path, value)
        kind = self.form.choice((*path, "type"), raw.get("type"), tuple(map(int, kinds)))
        match kind:
            case ComponentType.ACTION_ROW:
                return self.row(path, value)
            case ComponentType.FILE:
                raise UnsupportedError("components that show a file are not supported")
            case ComponentType.CONTAINER:
                return self._container(path, raw)
            case ComponentType.SECTION:
                return self._section(path, raw)
            case ComponentType.TEXT_DISPLAY:
                return self._text(path, raw)
            case ComponentType.MEDIA_GALLERY:
                return self._gallery(path, raw)
            case _:
                return self._separator(path, raw)

    def _container(self, path: Path, raw: Json) -> Json:
        container = self._component(path, raw, ComponentType.CONTAINER)
        colour = self.form.integer((*path, "accent_color"), raw.get("accent_color"), 0, 0xFFFFFF)
        items = self.form.items(
            (*path, "components"), raw.get("components"), MAX_COMPONENTS, min_items=1
        )
        return container | {
            "accent_color": colour,
            "spoiler": bool(raw.get("spoiler")),
            "components": [
                self.block((*path, "components", index), item, _IN_CONTAINER)
                for index, item in enumerate(items)
            ],
        }

    def _section(self, path: Path, raw: Json) -> Json:
        section = self._component(path, raw, ComponentType.SECTION)
        items = self.form.items(
            (*path, "components"), raw.get("components"), _MAX_SECTION_TEXTS, min_items=1
        )
        texts = [
            self.block((*path, "components", index), item, (ComponentType.TEXT_DISPLAY,))
            for index, item in enumerate(items)
        ]
        place: Path = (*path, "accessory")
        accessory = self.form.mapping(place, raw.get("accessory"))
        kinds = (int(ComponentType.BUTTON), int(ComponentType.THUMBNAIL))
        kind = self.form.choice((*place, "type"), accessory.get("type"), kinds)
        if kind == ComponentType.BUTTON:
            shown = self.control(place, accessory)
        else:
            shown = self._component(place, accessory, ComponentType.THUMBNAIL)
            shown |= self._media(place, accessory)
        return section | {"components": texts, "accessory": shown}

    def _text(self, path: Path, raw: Json) -> Json:
        text = self._component(path, raw, ComponentType.TEXT_DISPLAY)
        content = self.form.text(
            (*path, "content"), raw.get("content"), MAX_TEXT, min_length=1, required=True
        )
        return text | {"content": content}

    def _gallery(self, path: Path, raw: Json) -> Json:
        gallery = self._component(path, raw, ComponentType.MEDIA_GALLERY)
        items = self.form.items((*path, "items"), raw.get("items"), _MAX_PICTURES, min_items=1)
        return gallery | {
            "items": [
                self._media((*path, "items", index), self.form.mapping(path, item))
                for index, item in enumerate(items)
            ]
        }

    def _separator(self, path: Path, raw: Json) -> Json:
        separator = self._component(path, raw, ComponentType.SEPARATOR)
        spacing = self.form.integer((*path, "spacing"), raw.get("spacing"), 1, 2)
        divider = raw.get("divider")
        return separator | {"spacing": spacing or 1, "divider": divider is not False}

    def _media(self, path: Path, raw: Json) -> Json:
        """A picture with its description."""
        place: Path = (*path, "media", "url")
        media = self.form.mapping((*path, "media"), raw.get("media"))
        url = self.form.url(place, media.get("url"), attachment=True)
        if not url:
            self.form.missing(place)
        if url.startswith("attachment:"):
            raise UnsupportedError("components that show attachments are not supported")
        description = self.form.text(
            (*path, "description"), raw.get("description"), _MAX_DESCRIPTION
        )
        # Width and height are 0 until Discord has fetched the picture; the sandbox never does.
        shown = {"id": "0", "url": url, "proxy_url": url, "width": 0, "height": 0}
        return {
            "media": shown,
            "description": description or None,
            "spoiler": bool(raw.get("spoiler")),
        }

    def _component(self, path: Path, raw: Json, kind: ComponentType) -> Json:
        chosen = self.form.integer((*path, "id"), raw.get("id"), 0, 2**31 - 1)
        return {"type": int(kind), "id": chosen or self.next_id()}
