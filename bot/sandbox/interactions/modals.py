"""Modals: validation of those that the bot opens, and of what a person submits.

https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-modal
"""

from collections.abc import Iterator, Mapping, Sequence

from bot.sandbox.errors import PersonError, UnknownRouteError
from bot.sandbox.interactions.client_validation import InputChecker
from bot.sandbox.model.components import SELECTS, ComponentReader, ComponentType
from bot.sandbox.model.entities import Json
from bot.sandbox.model.field_validation import Form, Path, length

MAX_COMPONENTS = 5
MAX_INPUT_LENGTH = 4000
_ROW, _LABEL = int(ComponentType.ACTION_ROW), int(ComponentType.LABEL)

Filled = Mapping[str, str | Sequence[str]]


def read_modal(data: Json) -> Json:
    """Check the modal of a response.

    Raises ApiError 50035, or UnknownRouteError for unsupported components.
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
    place: Path = (*path, "components")
    items = form.items(place, data.get("components") or [], MAX_COMPONENTS, min_items=1)
    modal["components"] = [reader.part((*place, index), item) for index, item in enumerate(items)]
    form.raise_problems()
    return modal


def inputs(modal: Json) -> Iterator[Json]:
    """Every text input and select of a modal."""
    for part in modal["components"]:
        yield from part["components"] if part["type"] == _ROW else [part["component"]]


def submitted(modal: Json, filled: Filled, checker: InputChecker) -> list[Json]:
    """The components of a submission; a field that is not filled in keeps its initial value.

    Raises PersonError for what Discord's client would refuse.
    """
    if unknown := filled.keys() - {each["custom_id"] for each in inputs(modal)}:
        raise PersonError(f"The form has no field {min(unknown)}.")
    parts: list[Json] = []
    for part in modal["components"]:
        shape: Json = {"type": part["type"], "id": part["id"]}
        if part["type"] == _ROW:
            shape["components"] = [
                _filled_in(each, each.get("label", ""), filled, checker)
                for each in part["components"]
            ]
        else:
            shape["component"] = _filled_in(part["component"], part["label"], filled, checker)
        parts.append(shape)
    return parts


def _filled_in(known: Json, label: str, filled: Filled, checker: InputChecker) -> Json:
    shape: Json = {"type": known["type"], "id": known["id"], "custom_id": known["custom_id"]}
    given = filled.get(known["custom_id"])
    if known["type"] in SELECTS:
        values = _defaults(known) if given is None else list(given)
        if values or known["required"]:
            checker.selection(known, values)
        return shape | {"values": values}
    text = known.get("value", "") if given is None else given
    if not isinstance(text, str):
        raise PersonError(f"{label} takes text.")
    if not text.strip() and known["required"]:
        raise PersonError(f"{label} is required.")
    least, most = known.get("min_length") or 0, known.get("max_length") or MAX_INPUT_LENGTH
    if text and not least <= length(text) <= most:
        raise PersonError(f"{label} must have {least} to {most} characters.")
    return shape | {"value": text}


def _defaults(select: Json) -> list[str]:
    if select["type"] == ComponentType.STRING_SELECT:
        return [each["value"] for each in select["options"] if each["default"]]
    return [each["id"] for each in select.get("default_values", ())]


class _ModalReader(ComponentReader):
    """Checks the parts of a modal: labels with a text input or a select, rows with an input."""

    def part(self, path: Path, value: object) -> Json:
        given = self.form.mapping(path, value)
        kind = given.get("type")
        if isinstance(kind, int) and kind not in {_ROW, _LABEL} and kind > max(SELECTS):
            raise UnknownRouteError(f"modals with type {kind} are not known to the sandbox")
        kind = self.form.choice((*path, "type"), kind, (_ROW, _LABEL))
        part: Json = {"type": kind, "id": self.next_id()}
        if kind == _ROW:
            place: Path = (*path, "components")
            # A row is as wide as one text input.
            children = self.form.items(place, given.get("components", []), 1, min_items=1)
            part["components"] = [
                self._input((*place, index), child, labelled=False)
                for index, child in enumerate(children)
            ]
            return part
        part["label"] = self.form.text(
            (*path, "label"), given.get("label"), 45, min_length=1, required=True
        )
        described = self.form.text((*path, "description"), given.get("description"), 100)
        if described:
            part["description"] = described
        part["component"] = self._input((*path, "component"), given.get("component"), labelled=True)
        return part

    def _input(self, path: Path, value: object, *, labelled: bool) -> Json:
        given = self.form.mapping(path, value)
        kind = given.get("type")
        if labelled and isinstance(kind, int) and kind > max(SELECTS):
            raise UnknownRouteError(f"modals with type {kind} are not known to the sandbox")
        kinds = (ComponentType.TEXT_INPUT, *(SELECTS if labelled else ()))
        kind = self.form.choice((*path, "type"), kind, tuple(map(int, kinds)))
        shape: Json = {"type": kind, "id": self.next_id()}
        shape["required"] = given.get("required") is not False
        if kind != ComponentType.TEXT_INPUT:
            return shape | self.select(path, given, kind)
        return shape | self._text_input(path, given, labelled=labelled)

    def _text_input(self, path: Path, given: Json, *, labelled: bool) -> Json:
        form = self.form
        shape: Json = {
            "custom_id": self.custom_id(path, given),
            "style": form.choice((*path, "style"), given.get("style"), (1, 2)),
        }
        label = form.text((*path, "label"), given.get("label"), 45, required=not labelled)
        if label and not labelled:
            shape["label"] = label
        least = form.integer((*path, "min_length"), given.get("min_length"), 0, MAX_INPUT_LENGTH)
        most = form.integer((*path, "max_length"), given.get("max_length"), 1, MAX_INPUT_LENGTH)
        if least is not None and most is not None and least > most:
            sentence = f"int value should be less than or equal to {most}."
            form.fail((*path, "min_length"), "NUMBER_TYPE_MAX", sentence)
        for key, value in (("min_length", least), ("max_length", most)):
            if value is not None:
                shape[key] = value
        text = given.get("value")
        if isinstance(text, str) and length(text) > (most or MAX_INPUT_LENGTH):
            sentence = f"Must be {most or MAX_INPUT_LENGTH} or fewer in length."
            form.fail((*path, "value"), "BASE_TYPE_MAX_LENGTH", sentence)
        elif text:
            shape["value"] = text
        if placeholder := form.text((*path, "placeholder"), given.get("placeholder"), 100):
            shape["placeholder"] = placeholder
        return shape
