"""The body of a request that sends or edits a message, validated against Discord's limits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.sandbox.errors import UnsupportedError, request_too_large
from bot.sandbox.model.attachments import (
    MAX_DESCRIPTION_LENGTH,
    MAX_FILE_SIZE,
    MAX_FILES,
    UploadedFile,
)
from bot.sandbox.model.components import read_components
from bot.sandbox.model.embeds import read_embeds
from bot.sandbox.model.entities import Json, MessageFlag
from bot.sandbox.model.field_validation import Form
from bot.sandbox.model.layout_components import read_layout
from bot.sandbox.model.snowflakes import read_id

MAX_CONTENT_LENGTH = 2000
MAX_NONCE_LENGTH = 25

_MENTIONS = ("users", "roles", "everyone")
_UNSUPPORTED_FIELDS = ("poll", "sticker_ids", "shared_client_theme")


@dataclass(frozen=True, slots=True)
class AllowedMentions:
    """Whom a message may notify; by default everybody it mentions."""

    parse: frozenset[str] = frozenset(_MENTIONS)
    users: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class MessageBody:
    """The content of a message to send or edit; None: the request does not contain the field."""

    content: str | None = None
    embeds: list[Json] | None = None
    components: list[Json] | None = None
    kept_attachments: Mapping[int, Json] | None = None
    files: tuple[UploadedFile, ...] = ()
    flags: int = 0
    keeps_flags: bool = False
    mentions: AllowedMentions = AllowedMentions()
    nonce: str | int | None = None
    enforce_nonce: bool = False
    reference: Json | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.content or self.embeds or self.components or self.files)


def read_message_body(
    fields: Json, files: tuple[UploadedFile, ...] = (), *, old_flags: int = 0
) -> MessageBody:
    """Read and validate a body; `old_flags` are those of the message that it edits.

    Raises ApiError 50035 if a limit is exceeded, UnsupportedError for unsupported fields.
    """
    for key in _UNSUPPORTED_FIELDS:
        if fields.get(key):
            raise UnsupportedError(f"messages with {key} are not supported")
    form = Form()
    flags = form.integer(("flags",), fields.get("flags"), 0, 2**31 - 1) or 0
    is_layout = bool((flags | old_flags) & MessageFlag.IS_COMPONENTS_V2)
    if is_layout:
        fail_legacy_fields(form, fields)
    read = read_layout if is_layout else read_components
    if len(files) > MAX_FILES:
        message = f"Must be {MAX_FILES} or fewer in length."
        form.fail(("attachments",), "BASE_TYPE_MAX_LENGTH", message)
    if any(file.size > MAX_FILE_SIZE for file in files):
        raise request_too_large()
    body = MessageBody(
        content=form.text(("content",), fields["content"], MAX_CONTENT_LENGTH)
        if "content" in fields
        else None,
        embeds=read_embeds(form, fields["embeds"]) if "embeds" in fields else None,
        components=read(form, fields["components"]) if "components" in fields else None,
        kept_attachments=_kept_attachments(form, fields),
        files=_with_metadata(form, files, fields.get("attachments")),
        flags=flags,
        keeps_flags=fields.get("flags") is None,
        mentions=_read_mentions(form, fields.get("allowed_mentions")),
        nonce=_read_nonce(form, fields.get("nonce")),
        enforce_nonce=bool(fields.get("enforce_nonce")),
        reference=form.mapping(("message_reference",), fields.get("message_reference")) or None,
    )
    form.raise_problems()
    return body


def fail_legacy_fields(form: Form, fields: Mapping[str, object]) -> None:
    """Add a problem for each field that a message can't have if it consists of components."""
    for key in ("content", "embeds"):
        if fields.get(key):
            code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
            flag = "MessageFlags.IS_COMPONENTS_V2"
            form.fail((key,), code, f"The '{key}' field cannot be used when using {flag}")


def _read_nonce(form: Form, value: object) -> str | int | None:
    if isinstance(value, int):
        return value
    return form.text(("nonce",), value, MAX_NONCE_LENGTH) or None


def _with_metadata(
    form: Form, files: tuple[UploadedFile, ...], value: object
) -> tuple[UploadedFile, ...]:
    """The files with their metadata in `attachments`, where `files[1]` has the id 1.

    If there is such a list, files that it does not name are not attached.
    https://docs.discord.com/developers/reference#editing-message-attachments
    """
    if not isinstance(value, list):
        return files
    described = []
    for index, each in enumerate(value):
        raw = form.mapping(("attachments", index), each)
        field = f"files[{raw.get('id')}]"
        name = form.text(("attachments", index, "filename"), raw.get("filename"), 1024)
        text = _read_description(form, index, raw)
        described += [
            replace(file, name=name or file.name, description=text or None)
            for file in files
            if file.field == field
        ]
    return tuple(described)


def _read_description(form: Form, index: int, raw: Json) -> str:
    path = ("attachments", index, "description")
    return form.text(path, raw.get("description"), MAX_DESCRIPTION_LENGTH)


def _kept_attachments(form: Form, fields: Json) -> Mapping[int, Json] | None:
    """The attachments that an edit keeps, by id, each with the fields that it changes."""
    if "attachments" not in fields:
        return None
    kept: dict[int, Json] = {}
    listed = form.items(("attachments",), fields["attachments"], MAX_FILES)
    for index, each in enumerate(listed):
        raw = form.mapping(("attachments", index), each)
        attachment_id = read_id(raw.get("id"))
        if attachment_id is not None:
            described = "description" in raw
            kept[attachment_id] = (
                {"description": _read_description(form, index, raw)} if described else {}
            )
    return kept


def _read_mentions(form: Form, value: object) -> AllowedMentions:
    """Whom a body allows to be notified.

    https://docs.discord.com/developers/resources/message#allowed-mentions-object
    """
    if value is None:
        return AllowedMentions()
    raw = form.mapping(("allowed_mentions",), value)
    parse = frozenset(form.items(("allowed_mentions", "parse"), raw.get("parse"), 3))
    for index, each in enumerate(raw.get("parse") or ()):
        if each not in _MENTIONS:
            message = f"Value must be one of {_MENTIONS}."
            form.fail(("allowed_mentions", "parse", index), "BASE_TYPE_CHOICES", message)
    ids: dict[str, frozenset[int]] = {}
    for key in ("users", "roles"):
        raw_ids = form.items(("allowed_mentions", key), raw.get(key), 100)
        read = map(read_id, raw_ids)
        ids[key] = frozenset(each for each in read if each is not None)
        if raw_ids and key in parse:
            message = f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.'
            form.fail(("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)
    return AllowedMentions(parse, ids["users"], ids["roles"])
