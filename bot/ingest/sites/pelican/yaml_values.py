"""Metadata of sites with the plugin `yaml_metadata`, whose values are YAML."""

from collections.abc import Mapping

from bot.ingest.sites.configuration import read_yaml


def read_yaml_values(metadata: Mapping[str, object]) -> dict[str, object]:
    """Read the text of each value as YAML; one that is not valid stays as it is.

    https://github.com/pelican-plugins/yaml-metadata
    """
    return {name: _read(value) for name, value in metadata.items()}


def _read(value: object) -> object:
    if isinstance(value, list):
        lines = [line for line in value if isinstance(line, str) and line]
        if not lines or not all(line.startswith("- ") for line in lines):
            return value
        text = "\n" + "\n".join(lines)
    elif isinstance(value, str) and value.startswith(('"', "'", "[")):
        text = value
    else:
        return value
    return read_yaml(f"value: {text}".encode()).get("value", value)
