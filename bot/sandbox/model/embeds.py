"""Validation of embeds, and the JSON in which Discord returns them.

https://docs.discord.com/developers/resources/message#embed-object-embed-limits
"""

from datetime import UTC, datetime

from bot.sandbox.model.entities import Json
from bot.sandbox.model.field_validation import Form, Path, length

MAX_EMBEDS = 10
MAX_FIELDS = 25
MAX_TOTAL_LENGTH = 6000

_VISIBLE_KEYS = {"title", "description", "author", "footer", "fields", "image", "thumbnail"}


def read_embeds(form: Form, value: object) -> list[Json]:
    """Check a message's embeds; returns them as Discord does."""
    embeds: list[Json] = []
    total = 0
    for index, each in enumerate(form.items(("embeds",), value, MAX_EMBEDS)):
        path: Path = ("embeds", index)
        embed, characters = _read_embed(form, path, form.mapping(path, each))
        embeds.append(embed)
        total += characters
    if total > MAX_TOTAL_LENGTH:
        message = f"Embed size exceeds maximum size of {MAX_TOTAL_LENGTH}"
        form.fail(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", message)
    return embeds


def _read_embed(form: Form, path: Path, raw: Json) -> tuple[Json, int]:
    """One embed, and how many of its characters count towards the total."""
    embed: Json = {"type": "rich"}
    embed |= _read_simple_fields(form, path, raw)
    for kind, key, max_length in (("author", "name", 256), ("footer", "text", 2048)):
        if raw.get(kind) is not None:
            embed[kind] = _read_author_or_footer(form, (*path, kind), raw[kind], key, max_length)
    for kind in ("image", "thumbnail"):
        if raw.get(kind) is not None:
            embed[kind] = _read_image(form, (*path, kind), raw[kind])
    if fields := _read_fields(form, path, raw.get("fields")):
        embed["fields"] = fields
    if not embed.keys() & _VISIBLE_KEYS:
        form.missing((*path, "description"))
    counted = [embed.get("title", ""), embed.get("description", "")]
    counted += [embed.get("author", {}).get("name", ""), embed.get("footer", {}).get("text", "")]
    counted += [each[key] for each in fields for key in ("name", "value")]
    return embed, sum(map(length, counted))


def _read_simple_fields(form: Form, path: Path, raw: Json) -> Json:
    fields: Json = {
        "title": form.text((*path, "title"), raw.get("title"), 256),
        "description": form.text((*path, "description"), raw.get("description"), 4096),
        "url": form.url((*path, "url"), raw.get("url")),
        "color": form.integer((*path, "color"), raw.get("color"), 0, 0xFFFFFF),
        "timestamp": _read_timestamp(form, (*path, "timestamp"), raw.get("timestamp")),
    }
    return {key: value for key, value in fields.items() if value is not None and value != ""}


def _read_author_or_footer(
    form: Form, path: Path, value: object, key: str, max_length: int
) -> Json:
    """An author or a footer: text, icon and, for an author, an address."""
    raw = form.mapping(path, value)
    payload: Json = {key: form.text((*path, key), raw.get(key), max_length, required=True)}
    if url := form.url((*path, "url"), raw.get("url")):
        payload["url"] = url
    if icon := form.url((*path, "icon_url"), raw.get("icon_url"), attachment=True):
        payload |= {"icon_url": icon, "proxy_icon_url": icon}
    return payload


def _read_fields(form: Form, path: Path, value: object) -> list[Json]:
    fields: list[Json] = []
    for index, each in enumerate(form.items((*path, "fields"), value, MAX_FIELDS)):
        field_path: Path = (*path, "fields", index)
        raw = form.mapping(field_path, each)
        fields.append(
            {
                "name": form.text((*field_path, "name"), raw.get("name"), 256, required=True),
                "value": form.text((*field_path, "value"), raw.get("value"), 1024, required=True),
                "inline": bool(raw.get("inline", False)),
            }
        )
    return fields


def _read_image(form: Form, path: Path, value: object) -> Json:
    raw = form.mapping(path, value)
    url = form.url((*path, "url"), raw.get("url"), attachment=True)
    if not url:
        form.missing((*path, "url"))
    # Width and height are 0 until Discord has fetched the image; the sandbox never fetches it.
    return {"url": url, "proxy_url": url, "width": 0, "height": 0, "flags": 0}


def _read_timestamp(form: Form, path: Path, value: object) -> str | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        form.fail(path, "DATE_TIME_TYPE_PARSE", f"Could not parse {value}. Should be ISO8601.")
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC).isoformat()
