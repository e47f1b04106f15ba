"""Topic rules in files: a YAML file per topic, as in the portal's `_data/topics`."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from bot.config.yaml_file import UNFIT_VALUES
from bot.errors import SettingsError
from bot.ingest.text import clean_text
from bot.ingest.topics import TopicRule
from bot.visible_text import is_blank

MAX_BYTES = 1024 * 1024


def read_topic_folder(folder: Path) -> Iterator[TopicRule]:
    """Read the rules in all `*.yaml` and `*.yml` files of a folder. Raises `SettingsError`."""
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix in {".yaml", ".yml"})
    except OSError as error:
        raise SettingsError(
            f"topics.folders: {folder} can't be read: {error.strerror}; check the path"
        ) from error
    for file in files:
        yield _read_rule(file)


def _read_rule(file: Path) -> TopicRule:
    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_BYTES + 1)
        if len(text) > MAX_BYTES:
            raise SettingsError(f"{file} is larger than {MAX_BYTES // 1024**2} MB")
        _reject_duplicate_keys(yaml.compose(text, yaml.SafeLoader), file)
        content: object = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, *UNFIT_VALUES) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise SettingsError(f"{file}{line} is not valid YAML") from error
    except OSError as error:
        raise SettingsError(f"{file} can't be read: {error.strerror}") from error
    name = content.get("name") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(name, str) or is_blank(name):
        raise SettingsError(f"{file}: a topic needs a `name`")
    return TopicRule(
        name,
        keywords=_texts(content.get("keywords"), file, "keywords"),
        hashtags=_texts(content.get("hashtags"), file, "hashtags"),
        aliases=_texts(content.get("aliases"), file, "aliases"),
    )


def _texts(values: object, file: Path, name: str) -> tuple[str, ...]:
    if values is None:
        return ()
    if not isinstance(values, list):
        raise SettingsError(f"{file}: write `{name}` as a list")
    if not all(value is None or type(value) in {str, int, float} for value in values):
        raise SettingsError(f"{file}: an entry of `{name}` is not text; put it in quotes")
    return tuple(str(value) for value in values if value is not None and value != "")


def _reject_duplicate_keys(root: yaml.Node | None, file: Path) -> None:
    """Reject a duplicate key: YAML would silently use the last one."""
    keys: set[str] = set()
    for key, _ in root.value if isinstance(root, yaml.MappingNode) else ():
        if isinstance(key, yaml.ScalarNode):
            if key.value in keys:
                line = key.start_mark.line + 1
                name = clean_text(key.value, 100)
                raise SettingsError(f"{file}, line {line}: `{name}` is defined twice")
            keys.add(key.value)
