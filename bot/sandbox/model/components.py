"""Validation of a message's components: rows of buttons and selects.

Layout components ("V2") are not supported and answered with 501.
https://docs.discord.com/developers/components/reference
"""

from collections.abc import Iterator
from enum import IntEnum

from bot.sandbox.errors import UnknownRouteError
from bot.sandbox.model.entities import Json
from bot.sandbox.model.field_validation import Form, Path

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


def all_components(rows: list[Json]) -> Iterator[Json]:
    """Every button and select of a message."""
    for row in rows:
        yield from row["components"]


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
        given = self.form.mapping(path, value)
        kind = given.get("type")
        if isinstance(kind, int) and kind > ComponentType.CHANNEL_SELECT:
            raise UnknownRouteError(f"layout components (type {kind}) are not known to the sandbox")
        self.form.choice((*path, "type"), kind, (ComponentType.ACTION_ROW,))
        row: Json = {"type": int(ComponentType.ACTION_ROW), "id": self.next_id()}
        children = self.form.items(
            (*path, "components"), given.get("components", []), MAX_BUTTONS, min_items=1
        )
        row["components"] = [
            self._child((*path, "components", index), child) for index, child in enumerate(children)
        ]
        if len(children) > 1 and any(child["type"] in SELECTS for child in row["components"]):
            sentence = "The specified component exceeds the maximum width"
            self.form.fail((*path, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", sentence)
        return row

    def _child(self, path: Path, value: object) -> Json:
        given = self.form.mapping(path, value)
        kinds = (ComponentType.BUTTON, *SELECTS)
        kind = self.form.choice((*path, "type"), given.get("type"), tuple(map(int, kinds)))
        shape: Json = {"type": kind, "id": self.next_id()}
        if kind == ComponentType.BUTTON:
            return shape | self._button(path, given)
        return shape | self.select(path, given, kind)

    def custom_id(self, path: Path, given: Json) -> str:
        """Check a custom_id, which no other component may have."""
        custom_id = self.form.text(
            (*path, "custom_id"), given.get("custom_id"), 100, min_length=1, required=True
        )
        if custom_id and custom_id in self._custom_ids:
            sentence = "Component custom id cannot be duplicated"
            self.form.fail((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", sentence)
        self._custom_ids.add(custom_id)
        return custom_id

    def _button(self, path: Path, given: Json) -> Json:
        style = self.form.choice((*path, "style"), given.get("style"), (1, 2, 3, 4, 5, 6))
        if style == _PREMIUM:
            raise UnknownRouteError("premium buttons are not known to the sandbox")
        button: Json = {"style": style}
        if label := self.form.text((*path, "label"), given.get("label"), 80):
            button["label"] = label
        if emoji := _emoji(given.get("emoji")):
            button["emoji"] = emoji
        if not label and not emoji:
            sentence = "A button must have a label or an emoji"
            self.form.fail(path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", sentence)
        if style != _LINK:
            button["custom_id"] = self.custom_id(path, given)
        elif url := self.form.url((*path, "url"), given.get("url"), max_length=512):
            button["url"] = url
        else:
            sentence = "A url is required"
            self.form.fail((*path, "url"), "BUTTON_COMPONENT_URL_REQUIRED", sentence)
        if given.get("disabled"):
            button["disabled"] = True
        return button

    def select(self, path: Path, given: Json, kind: int) -> Json:
        """Check a select of any kind."""
        form = self.form
        least = form.integer((*path, "min_values"), given.get("min_values"), 0, MAX_OPTIONS)
        most = form.integer((*path, "max_values"), given.get("max_values"), 1, MAX_OPTIONS)
        select: Json = {
            "custom_id": self.custom_id(path, given),
            "min_values": 1 if least is None else least,
            "max_values": 1 if most is None else most,
        }
        if placeholder := form.text((*path, "placeholder"), given.get("placeholder"), 150):
            select["placeholder"] = placeholder
        if given.get("disabled"):
            select["disabled"] = True
        if kind == ComponentType.STRING_SELECT:
            select["options"] = self._options(path, given.get("options", []))
            if select["max_values"] > max(1, len(select["options"])):
                sentence = "Max values must be less than or equal to the number of options"
                form.fail((*path, "max_values"), "COMPONENT_MAX_VALUES", sentence)
        elif given.get("default_values"):
            select["default_values"] = self._default_values(path, given["default_values"], kind)
        if select["min_values"] > select["max_values"]:
            sentence = f"int value should be less than or equal to {select['max_values']}."
            form.fail((*path, "min_values"), "NUMBER_TYPE_MAX", sentence)
        self._check_defaults(path, select)
        if kind == ComponentType.CHANNEL_SELECT and given.get("channel_types"):
            select["channel_types"] = given["channel_types"]
        return select

    def _default_values(self, path: Path, value: object, kind: int) -> list[Json]:
        """The default values of a select of users, roles or channels."""
        chosen: list[Json] = []
        place: Path = (*path, "default_values")
        for index, item in enumerate(self.form.items(place, value, MAX_OPTIONS)):
            given = self.form.mapping((*place, index), item)
            if given.get("type") not in _DEFAULT_TYPES[ComponentType(kind)]:
                sentence = f"Value must be one of {_DEFAULT_TYPES[ComponentType(kind)]}."
                self.form.fail((*place, index, "type"), "BASE_TYPE_CHOICES", sentence)
            if not str(given.get("id", "")).isdecimal():
                sentence = f'Value "{given.get("id")}" is not snowflake.'
                self.form.fail((*place, index, "id"), "NUMBER_TYPE_COERCE", sentence)
            chosen.append({"id": str(given.get("id")), "type": given.get("type")})
        return chosen

    def _check_defaults(self, path: Path, select: Json) -> None:
        """Check that there are as many default values as may be chosen, or none."""
        chosen = [each for each in select.get("options", ()) if each["default"]]
        count = len(chosen) or len(select.get("default_values", ()))
        if count and not select["min_values"] <= count <= select["max_values"]:
            sentence = (
                "The number of default values must be in the range defined by "
                "min_values and max_values"
            )
            self.form.fail(path, "SELECT_COMPONENT_DEFAULT_VALUES_RANGE", sentence)

    def _options(self, path: Path, value: object) -> list[Json]:
        options: list[Json] = []
        seen: set[str] = set()
        items = self.form.items((*path, "options"), value, MAX_OPTIONS, min_items=1)
        for index, item in enumerate(items):
            place: Path = (*path, "options", index)
            given = self.form.mapping(place, item)
            option: Json = {
                key: self.form.text((*place, key), given.get(key), 100, min_length=1, required=True)
                for key in ("label", "value")
            }
            if option["value"] in seen:
                sentence = "The specified option value is already used"
                code = "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"
                self.form.fail((*place, "value"), code, sentence)
            seen.add(option["value"])
            description = self.form.text((*place, "description"), given.get("description"), 100)
            if description:
                option["description"] = description
            if emoji := _emoji(given.get("emoji")):
                option["emoji"] = emoji
            option["default"] = bool(given.get("default", False))
            options.append(option)
        return options


def _emoji(value: object) -> Json | None:
    if not isinstance(value, dict) or not (value.get("name") or value.get("id")):
        return None
    emoji: Json = {"name": value.get("name") or ""}
    if value.get("id"):
        emoji |= {"id": str(value["id"]), "animated": bool(value.get("animated", False))}
    return emoji
