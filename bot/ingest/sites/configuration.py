"""Reads the configuration files of sites, in YAML and in TOML. Pure.

A configuration is read leniently: what can't be understood is left out, for a site has to be found
even if its generator takes more than is read here. Values are text, lists, mappings and None, as
those of front matter are. Nothing is executed; tags such as `!ENV` and `!!python/name:…` have no
meaning here.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from typing import TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from bot.ingest.yaml_anchors import Anchors

Configuration: TypeAlias = Mapping[str, object]
# Returns what stands for a value with a tag.
TagReader: TypeAlias = Callable[[str, object], object]

# PyYAML and tomllib recurse for every level.
_MAX_DEPTH = 50
# Each one may stand for a large value.
_MAX_ALIASES = 200
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
# For a key of many parts, tomllib takes quadratic time.
_DEEP_KEY = re.compile(rb"(?:\.[ \t]*+[\w-]++[ \t]*+){50}")


def read_yaml(content: bytes | None, read_tag: TagReader | None = None) -> Configuration:
    """Return the mapping that a YAML file contains; an empty one if it is missing or malformed.

    `read_tag` is called with each tag (`!ENV`, `tag:yaml.org,2002:python/name:x`) and its value.

    Of a key that is there several times, the last value counts, and `<<` merges mappings:
    https://yaml.org/type/merge.html.
    """
    if content is None:
        return {}
    try:
        value = _YamlComposer(content.decode("utf-8-sig"), read_tag).compose()
    except (yaml.YAMLError, KeyError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def read_toml(content: bytes | None) -> Configuration:
    """Return the values of a TOML file; none if it is missing or malformed."""
    if content is None or _DEEP_KEY.search(content):
        return {}
    try:
        return {
            name: _text_values(value, 1)
            for name, value in tomllib.loads(content.decode("utf-8-sig")).items()
        }
    except (ValueError, RecursionError):
        return {}


def _text_values(value: object, depth: int) -> object:
    if depth > _MAX_DEPTH:
        raise ValueError("is nested too deeply")
    if isinstance(value, dict):
        return {name: _text_values(each, depth + 1) for name, each in value.items()}
    if isinstance(value, list):
        return [_text_values(each, depth + 1) for each in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


class _YamlComposer:
    """Builds plain values from events, and limits depth and aliases. Raises `ValueError`."""

    def __init__(self, text: str, read_tag: TagReader | None) -> None:
        self._events: Iterator[Event] = iter(yaml.CSafeLoader(text).get_event, None)
        self._anchors = Anchors[object](_MAX_ALIASES)
        self._read_tag = read_tag

    def compose(self) -> object:
        """Return the first document, or None if there is none."""
        next(self._events)  # the stream's start
        next(self._events, None)  # the document's start, or the stream's end
        first = next(self._events, None)
        return None if first is None else self._value(first, 1)

    def _value(self, event: Event, depth: int) -> object:
        if depth > _MAX_DEPTH:
            raise ValueError("is nested too deeply")
        if isinstance(event, AliasEvent):
            return self._anchors.find(event.anchor or "")
        value: object
        if isinstance(event, ScalarEvent):
            value = None if event.implicit[0] and event.value in _NULLS else event.value
        elif isinstance(event, MappingStartEvent):
            value = self._mapping(depth)
        elif isinstance(event, SequenceStartEvent):
            value = self._sequence(depth)
        else:
            return None
        if event.tag is not None and self._read_tag is not None:
            value = self._read_tag(event.tag, value)
        if event.anchor is not None:
            self._anchors.add(event.anchor, value)
        return value

    def _mapping(self, depth: int) -> dict[str, object]:
        mapping: dict[str, object] = {}
        merged: dict[str, object] = {}
        for event in self._events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._value(event, depth + 1)
            value = self._value(next(self._events), depth + 1)
            if key == "<<":
                for each in value if isinstance(value, list) else [value]:
                    merged = {**each, **merged} if isinstance(each, dict) else merged
            elif isinstance(key, str):
                mapping[key] = value
        return {**merged, **mapping} if merged else mapping

    def _sequence(self, depth: int) -> list[object]:
        sequence: list[object] = []
        for event in self._events:
            if isinstance(event, SequenceEndEvent):
                break
            sequence.append(self._value(event, depth + 1))
        return sequence
