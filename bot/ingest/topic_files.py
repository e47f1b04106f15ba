"""Topic rules from files: a YAML file per topic, as a portal keeps them in `_data/topics`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from bot.errors import SettingsError
from bot.ingest.topics import TopicRule

MAX_BYTES = 1024 * 1024


def read_topic_folder(folder: Path) -> Iterator[TopicRule]:
    """The rules of all `*.yaml` and `*.yml` files in a folder, by name. Raises `SettingsError`."""
    try:
        files = sorted(each for each in folder.iterdir() if each.suffix in {".yaml", ".yml"})
    except OSError as error:
        raise SettingsError(
            f"topics.folders: {folder} can't be read: {error.strerror}; check the path"
        ) from error
    for file in files:
        yield _read(file)


def _read(file: Path) -> TopicRule:
    try:
        with file.open("rb") as opened:
            content: object = yaml.safe_load(opened.read(MAX_BYTES))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise SettingsError(f"{file}{line} is not valid YAML") from error
    except OSError as error:
        raise SettingsError(f"{file} can't be read: {error.strerror}") from error
    name = content.get("name") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(name, str) or not name:
        raise SettingsError(f"{file}: a topic needs a `name`")
    return TopicRule(
        name,
        keywords=_texts(content.get("keywords"), file, "keywords"),
        hashtags=_texts(content.get("hashtags"), file, "hashtags"),
        aliases=_texts(content.get("aliases"), file, "aliases"),
    )


def _texts(told: object, file: Path, name: str) -> tuple[str, ...]:
    if told is None:
        return ()
    if not isinstance(told, list):
        raise SettingsError(f"{file}: write `{name}` as a list")
    return tuple(str(each) for each in told if each is not None and each != "")
