"""A few hundred characters of YAML may stand for billions of values."""

import json
from pathlib import Path

import pytest

from bot.config.sources import FolderSettings
from bot.ingest.document import read_document
from bot.ingest.factory import SourceFactory
from storage.models import NO_DOCUMENTS, Article, Rejection
from tests.support.clock import FakeClock

LEVELS = 9


def bomb(key: str) -> str:
    """Fields of which the last one stands for 9 to the power of 9 values."""
    nested = [
        f"{key}{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n"
        for level in range(1, LEVELS + 1)
    ]
    return f"{key}0: &a0 [x]\n{''.join(nested)}"


def test_front_matter_with_too_many_values_is_rejected() -> None:
    content = f"---\n{bomb('tags')}title: T\ndate: 2026-11-18\npermalink: /a/\n---\n".encode()
    reading = read_document(content, unpublished="skip")
    assert isinstance(reading, Rejection)
    assert reading.reason == "has too many aliases (*name)"


def test_front_matter_with_a_few_aliases_is_read() -> None:
    text = "---\nfirst: &a [Ships, Rail]\ntags: *a\ntitle: T\ndate: 2026-11-18\n"
    content = f"{text}permalink: https://site.example/a/\n---\n".encode()
    reading = read_document(content, unpublished="skip")
    assert isinstance(reading, Article)
    assert reading.topics == ("Ships", "Rail")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("hugo.yaml", bomb("a") + "languages: *a9\npermalinks: *a9\nparams: *a9\n"),
        ("_config.yml", bomb("a") + "collections: *a9\ndefaults: *a9\n"),
        ("mkdocs.yml", bomb("a") + "plugins: *a9\nnav: *a9\n"),
        ("hugo.json", json.dumps({"a": [["b"] * 9] * 9})),
    ],
)
async def test_configuration_with_too_many_values_is_ignored(
    tmp_path: Path, name: str, content: str
) -> None:
    """The site is found, and read with the usual settings of its generator."""
    (tmp_path / name).write_text(content, encoding="utf-8")
    async with SourceFactory.open(FakeClock(), clones=tmp_path / "clones") as factory:
        source = factory.make(FolderSettings.model_validate({"folder": tmp_path}))
        changes = await source.read(NO_DOCUMENTS, None)
    assert changes.findings.site is not None
    assert changes.findings.site.configuration == name
