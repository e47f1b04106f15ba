"""The JSON Schema of the settings, by a validator that is not ours."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from bot.config.schema import settings_schema
from tests.cli.support import Terminal
from tests.config.test_settings import EVERYTHING
from tests.test_docs import documented_settings

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = [
    EVERYTHING,
    *(
        example
        for page in ("settings.md", "sources.md", "running-on-discord.md")
        for example in re.findall(
            r"^```yaml\n([^`]*)^```$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE
        )
        if "sources:" in example
    ),
]
MISTAKES = {
    "an unknown key": "announce: {min_qualty: 70}",
    "a duration without a unit": "announce: {max_age: 7}",
    "a number that is too large": "announce: {catch_up: 100}",
    "an unknown choice": "announce: {withdrawn: hide}",
    "a source without a kind": "sources: [{every: 1h}]",
    "a key of another kind": "sources: [{feed: https://news.example/feed.xml, branch: main}]",
    "a source that is not a section": "sources: [articles]",
}
VALIDATOR = jsonschema_rs.validator_for(settings_schema())


@pytest.mark.parametrize("example", EXAMPLES)
def test_valid_settings_match_the_schema(example: str) -> None:
    VALIDATOR.validate(yaml.safe_load(example))


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_mistakes_do_not_match_the_schema(mistake: str) -> None:
    assert not VALIDATOR.is_valid(yaml.safe_load(mistake))


def test_every_key_has_a_description() -> None:
    """Editors show it."""
    described = list(keys(settings_schema()))
    documented = {key.split(".")[-1] for key in documented_settings()}
    assert documented <= {key for key, _ in described}
    assert [] == [key for key, schema in described if not schema.get("description")]


def test_defaults_are_written_as_in_the_file() -> None:
    announce = settings_schema()["$defs"]["AnnounceSettings"]["properties"]
    assert announce["max_age"]["default"] == "7d"
    assert settings_schema()["$defs"]["GitSettings"]["properties"]["every"]["default"] == "10m"


def test_the_command_prints_the_schema(tmp_path: Path) -> None:
    printed = Terminal(tmp_path).run("schema")
    assert (0, "") == (printed.status, printed.err)
    assert json.loads(printed.out) == settings_schema()
    assert json.loads(printed.out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def keys(schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The keys of all sections, and what the schema says of each."""
    for section in (schema, *schema["$defs"].values()):
        yield from section.get("properties", {}).items()
