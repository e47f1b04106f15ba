"""Modals: validation of those that the bot opens, and of what a person submits.

https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-modal
"""

from collections.abc import Iterator, Mapping, Sequence

from bot.sandbox.errors import PersonError, UnsupportedError
from bot.sandbox.interactions.client_validation import InputChecker
from bot.sandbox.model.components import SELECTS, ComponentReader, ComponentType
from bot.sandbox.model.entities import Json
from bot.sandbox.model.field_validation import Form, Path, length

MAX_COMPONENTS = 5
MAX_INPUT_LENGTH = 4000
_ROW, _LABEL = int(ComponentType.ACTION_ROW), int(ComponentType.LABEL)

ModalValues = Mapping[str, str | Sequence[str]]


def read_modal(data: Json) -> Json:
    """Check the modal of a response.

    Raises ApiError 50035, or UnsupportedError for unsupported components.
    """
    form = Form()
    path: Path = ("data",)
    modal: Json = {
        "custom_id": form.text(
            (*path, "custom_id"), data.get("custom_id"), 100, min_length=1, required=True
        ),
        "title": form.text((*path, "title"), data.get("title"), 45, min_length=1, required=True),
    }
    reader = _ModalReader(form)
    items_path: Path = (*path, "components")
    items = form.items(items_path, data.get("components") or [], MAX_COMPONENTS, min_items=1)
    modal["components"] = [
        reader.part((*items_path, index), item) for index, item in enumerate(items)
    ]
    form.raise_problems()
    return modal


def modal_inputs(modal: Json) -> Iterator[Json]:
    """Every text input and select of a modal."""
    for part in modal["components"]:
        yield from part["components"] if part["type"] == _ROW else [part["component"]]


def build_submission(modal: Json, values: ModalValues, checker: InputChecker) -> list[Json]:
    """The components of a submission; a field that is not filled in keeps its initial value.

    Raises PersonError for what Discord's client would refuse.
    """
    if unknown := values.keys() - {each["custom_id"] for each in modal_inputs(modal)}:
        raise PersonError(f"The form has no field {min(unknown)}.")
    parts: list[Json] = []
    for part in modal["components"]:
        payload: Json = {"type": part["type"], "id": part["id"]}
        if part["type"] == _ROW:
            payload["components"] = [
                _submitted_field(each, each.get("label", ""), values, checker)
                for each in part["components"]
            ]
        else:
            payload["component"] = _submitted_field(
                part["component"], part["label"], values, checker
            )
        parts.append(payload)
    return parts


def _submitted_field(field: Json, label: str, values: ModalValues, checker: InputChecker) -> Json:
    payload: Json = {"type": field["type"], "id": field["id"], "custom_id": field["custom_id"]}
    raw = values.get(field["custom_id"])
    if field["type"] in SELECTS:
        chosen = _defaults(field) if raw is None else list(raw)
        if chosen or field["required"]:
            checker.selection(field, chosen)
        return payload | {"values": chosen}
    text = field.get("value", "") if raw is None else raw
    if not isinstance(text, str):
        raise PersonError(f"{label} must be text.")
    if not text.strip() and field["required"]:
        raise PersonError(f"{label} is required.")
    minimum, maximum = field.get("min_length") or 0, field.get("max_length") or MAX_INPUT_LENGTH
    if text and not minimum <= length(text) <= maximum:
        raise PersonError(f"{label} must have {minimum} to {maximum} characters.")
    return payload | {"value": text}


def _defaults(select: Json) -> list[str]:
    if select["type"] == ComponentType.STRING_SELECT:
        return [each["value"] for each in select["options"] if each["default"]]
    return [each["id"] for each in select.get("default_values", ())]


class _ModalReader(ComponentReader):
    """Checks the parts of a modal: labels with a text input or a select, rows with an input."""

    def part(self, path: Path, value: object) -> Json:
        raw = self.form.mapping(path, value)
        kind = raw.get("type")
        if isinstance(kind, int) and kind not in {_ROW, _LABEL} and kind > max(SELECTS):
            raise UnsupportedError(f"modals with type {kind} are not supported")
        kind = self.form.choice((*path, "type"), kind, (_ROW, _LABEL))
        part: Json = {"type": kind, "id": self.next_id()}
        if kind == _ROW:
            items_path: Path = (*path, "components")
            # A row is as wide as one text input.
            children = self.form.items(items_path, raw.get("components", []), 1, min_items=1)
            part["components"] = [
                self._input((*items_path, index), child, labelled=False)
                for index, child in enumerate(children)
            ]
            return part
        part["label"] = self.form.text(
            (*path, "label"), raw.get("label"), 45, min_length=1, required=True
        )
        description = self.form.text((*path, "description"), raw.get("description"), 100)
        if description:
            part["description"] = description
        part["component"] = self._input((*path, "component"), raw.get("component"), labelled=True)
        return part

    def _input(self, path: Path, value: object, *, labelled: bool) -> Json:
        raw = self.form.mapping(path, value)
        kind = raw.get("type")
        if labelled and isinstance(kind, int) and kind > max(SELECTS):
            raise UnsupportedError(f"modals with type {kind} are not supported")
        kinds = (ComponentType.TEXT_INPUT, *(SELECTS if labelled else ()))
        kind = self.form.choice((*path, "type"), kind, tuple(map(int, kinds)))
        payload: Json = {"type": kind, "id": self.next_id()}
        payload["required"] = raw.get("required") is not False
        if kind != ComponentType.TEXT_INPUT:
            return payload | self.select(path, raw, kind)
        return payload | self._text_input(path, raw, labelled=labelled)

    def _text_input(self, path: Path, raw: Json, *, labelled: bool) -> Json:
        form = self.form
        payload: Json = {
            "custom_id": self.custom_id(path, raw),
            "style": form.choice((*path, "style"), raw.get("style"), (1, 2)),
        }
        label = form.text((*path, "label"), raw.get("label"), 45, required=not labelled)
        if label and not labelled:
            payload["label"] = label
        minimum = form.integer((*path, "min_length"), raw.get("min_length"), 0, MAX_INPUT_LENGTH)
        maximum = form.integer((*path, "max_length"), raw.get("max_length"), 1, MAX_INPUT_LENGTH)
        if minimum is not None and maximum is not None and minimum > maximum:
            message = f"int value should be less than or equal to {maximum}."
            form.fail((*path, "min_length"), "NUMBER_TYPE_MAX", message)
        for key, value in (("min_length", minimum), ("max_length", maximum)):
            if value is not None:
                payload[key] = value
        text = raw.get("value")
        if isinstance(text, str) and length(text) > (maximum or MAX_INPUT_LENGTH):
            message = f"Must be {maximum or MAX_INPUT_LENGTH} or fewer in length."
            form.fail((*path, "value"), "BASE_TYPE_MAX_LENGTH", message)
        elif text:
            payload["value"] = text
        if placeholder := form.text((*path, "placeholder"), raw.get("placeholder"), 100):
            payload["placeholder"] = placeholder
        return payload
