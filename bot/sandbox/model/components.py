"""Validation of a message's components: rows of buttons and selects.

Those of a message that consists of components are in `layout_components`.
https://docs.discord.com/developers/components/reference
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum

from bot.sandbox.errors import UnsupportedError
from bot.sandbox.model.entities import Json
from bot.sandbox.model.field_validation import Form, Path
from bot.sandbox.model.snowflakes import read_id

MAX_ROWS = 5
MAX_BUTTONS = 5
MAX_OPTIONS = 25
_LINK, _PREMIUM = 5, 6


class ComponentType(IntEnum):
    """Kinds of components."""

    ACTION_ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT_DISPLAY = 10
    THUMBNAIL = 11
    MEDIA_GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18


SELECTS = (
    ComponentType.STRING_SELECT,
    ComponentType.USER_SELECT,
    ComponentType.ROLE_SELECT,
    ComponentType.MENTIONABLE_SELECT,
    ComponentType.CHANNEL_SELECT,
)

_DEFAULT_TYPES = {
    ComponentType.USER_SELECT: ("user",),
    ComponentType.ROLE_SELECT: ("role",),
    ComponentType.MENTIONABLE_SELECT: ("user", "role"),
    ComponentType.CHANNEL_SELECT: ("channel",),
}


def read_components(form: Form, value: object) -> list[Json]:
    """Check a message's components; returns them with ids, as Discord does."""
    reader = ComponentReader(form)
    rows = form.items(("components",), value, MAX_ROWS)
    return [reader.row(("components", index), row) for index, row in enumerate(rows)]


def all_components(components: Iterable[Json]) -> Iterator[Json]:
    """Components, and those inside."""
    for each in components:
        yield each
        yield from all_components(each.get("components", ()))
        if "accessory" in each:
            yield each["accessory"]


class ComponentReader:
    """Checks the components of one message or modal; their ids are unique in it."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self._ids = 0
        self._custom_ids: set[str] = set()

    def next_id(self) -> int:
        """A component id that is not used yet."""
        self._ids += 1
        return self._ids

    def row(self, path: Path, value: object) -> Json:
        """Check a row of a message."""
        raw = self.form.mapping(path, value)
        self.form.choice((*path, "type"), raw.get("type"), (ComponentType.ACTION_ROW,))
        row: Json = {"type": int(ComponentType.ACTION_ROW), "id": self.next_id()}
        children = self.form.items(
            (*path, "components"), raw.get("components", []), MAX_BUTTONS, min_items=1
        )
        row["components"] = [
            self.control((*path, "components", index), child)
            for index, child in enumerate(children)
        ]
        if len(children) > 1 and any(child["type"] in SELECTS for child in row["components"]):
            message = "The specified component exceeds the maximum width"
            self.form.fail((*path, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)
        return row

    def control(self, path: Path, value: object) -> Json:
        """Check a button or a select."""
        raw = self.form.mapping(path, value)
        kinds = (ComponentType.BUTTON, *SELECTS)
        kind = self.form.choice((*path, "type"), raw.get("type"), tuple(map(int, kinds)))
        payload: Json = {"type": kind, "id": self.next_id()}
        if kind == ComponentType.BUTTON:
            return payload | self._button(path, raw)
        return payload | self.select(path, raw, kind)

    def custom_id(self, path: Path, raw: Json) -> str:
        """Check a custom_id, which no other component may have."""
        custom_id = self.form.text(
            (*path, "custom_id"), raw.get("custom_id"), 100, min_length=1, required=True
        )
        if custom_id and custom_id in self._custom_ids:
            message = "Component custom id cannot be duplicated"
            self.form.fail((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        self._custom_ids.add(custom_id)
        return custom_id

    def _button(self, path: Path, raw: Json) -> Json:
        style = self.form.choice((*path, "style"), raw.get("style"), (1, 2, 3, 4, 5, 6))
        if style == _PREMIUM:
            raise UnsupportedError("premium buttons are not supported")
        button: Json = {"style": style}
        if label := self.form.text((*path, "label"), raw.get("label"), 80):
            button["label"] = label
        if emoji := _emoji(raw.get("emoji")):
            button["emoji"] = emoji
        if not label and not emoji:
            message = "A button must have a label or an emoji"
            self.form.fail(path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", message)
        if style != _LINK:
            button["custom_id"] = self.custom_id(path, raw)
        elif url := self.form.url((*path, "url"), raw.get("url"), max_length=512):
            button["url"] = url
        else:
            message = "A url is required"
            self.form.fail((*path, "url"), "BUTTON_COMPONENT_URL_REQUIRED", message)
        if raw.get("disabled"):
            button["disabled"] = True
        return button

    def select(self, path: Path, raw: Json, kind: int) -> Json:
        """Check a select of any kind."""
        form = self.form
        minimum = form.integer((*path, "min_values"), raw.get("min_values"), 0, MAX_OPTIONS)
        maximum = form.integer((*path, "max_values"), raw.get("max_values"), 1, MAX_OPTIONS)
        select: Json = {
            "custom_id": self.custom_id(path, raw),
            "min_values": 1 if minimum is None else minimum,
            "max_values": 1 if maximum is None else maximum,
        }
        if placeholder := form.text((*path, "placeholder"), raw.get("placeholder"), 150):
            select["placeholder"] = placeholder
        if raw.get("disabled"):
            select["disabled"] = True
        if kind == ComponentType.STRING_SELECT:
            select["options"] = self._options(path, raw.get("options", []))
            if select["max_values"] > max(1, len(select["options"])):
                message = "Max values must be less than or equal to the number of options"
                form.fail((*path, "max_values"), "COMPONENT_MAX_VALUES", message)
        elif raw.get("default_values"):
            select["default_values"] = self._default_values(path, raw["default_values"], kind)
        if select["min_values"] > select["max_values"]:
            message = f"int value should be less than or equal to {select['max_values']}."
            form.fail((*path, "min_values"), "NUMBER_TYPE_MAX", message)
        self._check_defaults(path, select)
        if kind == ComponentType.CHANNEL_SELECT and raw.get("channel_types"):
            select["channel_types"] = raw["channel_types"]
        return select

    def _default_values(self, path: Path, value: object, kind: int) -> list[Json]:
        """The default values of a select of users, roles or channels."""
        defaults: list[Json] = []
        item_path: Path = (*path, "default_values")
        for index, item in enumerate(self.form.items(item_path, value, MAX_OPTIONS)):
            raw = self.form.mapping((*item_path, index), item)
            if raw.get("type") not in _DEFAULT_TYPES[ComponentType(kind)]:
                message = f"Value must be one of {_DEFAULT_TYPES[ComponentType(kind)]}."
                self.form.fail((*item_path, index, "type"), "BASE_TYPE_CHOICES", message)
            if read_id(raw.get("id")) is None:
                message = f'Value "{str(raw.get("id"))[:100]}" is not snowflake.'
                self.form.fail((*item_path, index, "id"), "NUMBER_TYPE_COERCE", message)
            defaults.append({"id": str(raw.get("id")), "type": raw.get("type")})
        return defaults

    def _check_defaults(self, path: Path, select: Json) -> None:
        """Check that there are as many default values as may be chosen, or none."""
        defaults = [each for each in select.get("options", ()) if each["default"]]
        count = len(defaults) or len(select.get("default_values", ()))
        if count and not select["min_values"] <= count <= select["max_values"]:
            message = (
                "The number of default values must be in the range defined by "
                "min_values and max_values"
            )
            self.form.fail(path, "SELECT_COMPONENT_DEFAULT_VALUES_RANGE", message)

    def _options(self, path: Path, value: object) -> list[Json]:
        options: list[Json] = []
        seen: set[str] = set()
        items = self.form.items((*path, "options"), value, MAX_OPTIONS, min_items=1)
        for index, item in enumerate(items):
            item_path: Path = (*path, "options", index)
            raw = self.form.mapping(item_path, item)
            option: Json = {
                key: self.form.text(
                    (*item_path, key), raw.get(key), 100, min_length=1, required=True
                )
                for key in ("label", "value")
            }
            if option["value"] in seen:
                message = "The specified option value is already used"
                code = "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"
                self.form.fail((*item_path, "value"), code, message)
            seen.add(option["value"])
            description = self.form.text((*item_path, "description"), raw.get("description"), 100)
            if description:
                option["description"] = description
            if emoji := _emoji(raw.get("emoji")):
                option["emoji"] = emoji
            option["default"] = bool(raw.get("default", False))
            options.append(option)
        return options


def _emoji(value: object) -> Json | None:
    if not isinstance(value, dict) or not (value.get("name") or value.get("id")):
        return None
    emoji: Json = {"name": value.get("name") or ""}
    if value.get("id"):
        emoji |= {"id": str(value["id"]), "animated": bool(value.get("animated", False))}
    return emoji
