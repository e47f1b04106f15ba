"""A JSON Schema of the settings file, with which editors complete and check it."""

from datetime import timedelta

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from bot.config.settings import Settings
from bot.config.sources import Section


def settings_schema() -> JsonSchemaValue:
    """The schema, in the version of JSON Schema that it names."""
    schema = Settings.model_json_schema(schema_generator=_SchemaOfFile)
    return {"$schema": _SchemaOfFile.schema_dialect, **schema}


class _SchemaOfFile(GenerateJsonSchema):
    """Writes defaults as in the file."""

    def encode_default(self, dft: object) -> object:
        """Durations have a unit; the keys of a section have their own defaults."""
        if isinstance(dft, timedelta):
            return format_duration(dft)
        return {} if isinstance(dft, Section) else super().encode_default(dft)


def format_duration(duration: timedelta) -> str:
    """A duration as it is written in the settings."""
    for unit, name in {"d": "days", "h": "hours", "m": "minutes"}.items():
        count, rest = divmod(duration, timedelta(**{name: 1}))
        if not rest:
            return f"{count}{unit}"
    return f"{duration // timedelta(seconds=1)}s"
