"""Topic rules from files: a YAML file per topic, as a portal keeps them in `_data/topics`."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from bot.errors import SettingsError
from bot.ingest.text import clean_text
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
            text = opened.read(MAX_BYTES + 1)
        if len(text) > MAX_BYTES:
            raise SettingsError(f"{file} has more than {MAX_BYTES // 1024**2} MB")
        _check_names(yaml.compose(text, yaml.SafeLoader), file)
        content: object = yaml.safe_load(text)
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
    if not all(each is None or type(each) in {str, int, float} for each in told):
        raise SettingsError(f"{file}: an entry of `{name}` is no text; put it into quotes")
    return tuple(str(each) for each in told if each is not None and each != "")


def _check_names(root: yaml.Node | None, file: Path) -> None:
    """Refuse a name that stands there twice: YAML would take the last one in silence."""
    names: set[str] = set()
    for key, _ in root.value if isinstance(root, yaml.MappingNode) else ():
        if isinstance(key, yaml.ScalarNode):
            if key.value in names:
                line = key.start_mark.line + 1
                name = clean_text(key.value, 100)
                raise SettingsError(f"{file}, line {line}: `{name}` is there twice")
            names.add(key.value)
