"""Pages of reference, generated from the code: settings, metrics, and all commands."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import click
from prometheus_client import CollectorRegistry

Schema = Mapping[str, Any]

# https://discord.com/developers/docs/interactions/application-commands#application-command-object
_SUBCOMMAND, _GROUP = 1, 2
_OPTION_TYPES = {3: "text", 4: "number", 5: "yes or no", 6: "member", 7: "channel", 8: "role",
                 9: "member or role", 10: "number", 11: "file"}  # fmt: skip
_SOURCE_KINDS = ("FolderSettings", "GitSettings", "FeedSettings", "ApiSettings")


def settings_page(schema: Schema) -> str:
    """All settings: the keys of a JSON Schema with defaults and descriptions."""
    lines = [
        "# All settings",
        "",
        "Generated from the code. [Settings](../../docs/settings.md) explains them.",
        *_settings_section("", schema, schema),
    ]
    for name in _SOURCE_KINDS:
        lines += ["", f"## `sources[]`: {name.removesuffix('Settings').lower()}", ""]
        lines += _rows(_properties(schema["$defs"][name], schema, ""))
    return "\n".join(lines) + "\n"


def _settings_section(prefix: str, section: Schema, schema: Schema) -> Iterator[str]:
    own, sections = [], []
    for key, field in section["properties"].items():
        target = _target(field, schema)
        if target is not None and key != "sources":
            sections.append((f"{prefix}{key}.", target))
        else:
            own.append(_row(f"{prefix}{key}", field))
    if own:
        title = f"`{prefix.rstrip('.')}`" if prefix else "Top level"
        yield from ("", f"## {title}", "", *_rows(own))
    for name, target in sections:
        yield from _settings_section(name, target, schema)


def _properties(section: Schema, schema: Schema, prefix: str) -> Iterator[tuple[str, str, str]]:
    for key, field in section["properties"].items():
        if (target := _target(field, schema)) is not None:
            yield from _properties(target, schema, f"{prefix}{key}.")
        else:
            yield _row(f"{prefix}{key}", field)


def _target(field: Schema, schema: Schema) -> Schema | None:
    """The section that a field refers to, if it has keys of its own."""
    for each in (field, *field.get("anyOf", ()), *field.get("allOf", ())):
        if reference := each.get("$ref"):
            target: Schema = schema["$defs"][reference.rpartition("/")[2]]
            return target if "properties" in target else None
    return None


def _row(key: str, field: Schema) -> tuple[str, str, str]:
    default = f"`{json.dumps(field['default'])}`" if "default" in field else "required"
    return f"`{key}`", default, _cell(field.get("description", ""))


def _rows(rows: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    yield from ("| key | default | meaning |", "|---|---|---|")
    yield from (f"| {' | '.join(row)} |" for row in rows)


def commands_page(main: click.Group) -> str:
    """All commands of the terminal, with their arguments and options."""
    origin = "Generated from the code. `storywire COMMAND --help` shows the same."
    lines = ["# Commands of the terminal", "", origin]
    for command, context in _commands(main, click.Context(main, info_name="storywire")):
        usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
        lines += ["", f"## {context.command_path}", "", "```text", usage, "```"]
        lines += ["", *_help_of(command)]
        options = [each for each in command.get_params(context) if isinstance(each, click.Option)]
        if options:
            lines += ["", "| option | meaning |", "|---|---|"]
            lines += [_option_row(each, context) for each in options]
    return "\n".join(lines) + "\n"


def _commands(
    command: click.Command, context: click.Context
) -> Iterator[tuple[click.Command, click.Context]]:
    yield command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _commands(inner, click.Context(inner, context, info_name=name))


def _help_of(command: click.Command) -> Sequence[str]:
    return (command.help or "").replace("\b\n", "").replace("\f", "").strip().splitlines()


def _option_row(option: click.Option, context: click.Context) -> str:
    names, meaning = option.get_help_record(context) or (", ".join(option.opts), "")
    return f"| `{_cell(names)}` | {_cell(meaning)} |"


def discord_page(commands: Iterable[Schema]) -> str:
    """All commands in Discord, from what is registered there."""
    origin = "Generated from the code. Admins may hide commands in the server's settings."
    lines = ["# Commands in Discord", "", origin]
    for command in sorted(commands, key=lambda each: str(each["name"])):
        lines += _discord_command(f"/{command['name']}", command)
    return "\n".join(lines) + "\n"


def _discord_command(path: str, command: Schema) -> Iterator[str]:
    options = command.get("options", [])
    inner = [each for each in options if each["type"] in {_SUBCOMMAND, _GROUP}]
    for each in inner:
        yield from _discord_command(f"{path} {each['name']}", each)
    if inner:
        return
    yield from ("", f"## {path}", "", str(command["description"]))
    if options:
        yield from ("", "| option | value | meaning |", "|---|---|---|")
        for each in options:
            kind = _OPTION_TYPES[each["type"]]
            if choices := each.get("choices"):
                kind = ", ".join(str(choice["name"]) for choice in choices)
            needed = " (required)" if each.get("required") else ""
            yield f"| `{each['name']}`{needed} | {_cell(kind)} | {_cell(each['description'])} |"


def metrics_page(registry: CollectorRegistry) -> str:
    """All metrics with their types."""
    origin = "Generated from the code. [Monitoring](../../docs/monitoring.md) explains them."
    lines = ["# All metrics", "", origin, "", "| metric | type | meaning |", "|---|---|---|"]
    for metric in registry.collect():
        name = f"{metric.name}_total" if metric.type == "counter" else metric.name
        lines.append(f"| `{name}` | {metric.type} | {_cell(metric.documentation)} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
