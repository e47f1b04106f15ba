"""The settings file that `storywire init` writes: every setting, most of them in comments. Pure."""

from collections.abc import Iterator, Sequence

import yaml
from pydantic.json_schema import JsonSchemaValue

_HEAD = """\
# yaml-language-server: $schema={schema}
# The settings of Storywire. `storywire docs settings` describes them, `storywire check` checks
# the file.
# The settings in comments have their default values, or are examples. To change one, remove the #
# before it, and the one before the section that it is in.
"""
# Settings whose default, an empty list, would explain nothing.
_EXAMPLES = {
    "sources": """\
  - folder: articles
  - git: https://example.org/site.git
    path: _news
  - feed: https://example.org/feed.xml
  - api: https://example.org/api/news
""",
    "topics": """\
  rules:
    - name: AI
      keywords: [artificial intelligence, machine learning]
      hashtags: [ai]
""",
}


def example_file(
    schema: JsonSchemaValue, schema_file: str, sources: Sequence[tuple[str, str]]
) -> str:
    """Return the file's text; `sources` are the kinds and addresses of those that are read."""
    settings = [
        f"# {described['description']}\n{_setting(key, described, schema, sources)}"
        for key, described in schema["properties"].items()
    ]
    return "\n".join([_HEAD.format(schema=schema_file), *settings])


def _setting(
    key: str,
    described: JsonSchemaValue,
    schema: JsonSchemaValue,
    sources: Sequence[tuple[str, str]],
) -> str:
    if key == "sources" and sources:
        entries = [{kind: address} for kind, address in sources]
        return yaml.safe_dump({key: entries}, allow_unicode=True)
    if key in _EXAMPLES:
        return _commented(f"{key}:\n{_EXAMPLES[key]}")
    if "$ref" in described:
        section = schema["$defs"][described["$ref"].rpartition("/")[2]]
        return _commented(f"{key}:\n{''.join(_keys(section))}")
    return _commented(_key(key, described))


def _keys(section: JsonSchemaValue) -> Iterator[str]:
    for key, described in section["properties"].items():
        yield f"  # {described['description']}\n  {_key(key, described)}"


def _key(key: str, described: JsonSchemaValue) -> str:
    return yaml.safe_dump({key: described["default"]})


def _commented(text: str) -> str:
    return "".join(f"#{line}" for line in text.splitlines(keepends=True))
