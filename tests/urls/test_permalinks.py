"""Permalink patterns."""

import pytest
from pydantic import ValidationError

from bot.config.sources import FolderSettings
from bot.urls.permalinks import (
    PLACEHOLDERS,
    expand_permalink,
    missing_placeholders,
    problem_with_permalink,
)


@pytest.mark.parametrize(
    "pattern", ["/:year/:month/:slug/", "/:title.html", "/12:30/:path/", "/:filename", "/x-:name"]
)
def test_patterns_with_known_placeholders_are_accepted(pattern: str) -> None:
    """A colon that does not begin a name is literal."""
    assert problem_with_permalink(pattern) is None
    assert FolderSettings.model_validate({"folder": "x", "permalink": pattern}).permalink == pattern


@pytest.mark.parametrize(
    "pattern",
    ["{date:%Y}/{date:%m}/{slug}/", "{slug}-{lang}.html", "/{categories}/{file}", "{slug}"],
)
def test_patterns_of_pelican_and_mkdocs_are_accepted(pattern: str) -> None:
    """They have braces around their placeholders."""
    assert problem_with_permalink(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("{date:%Y}/{category}/", "gives several pages the same address; add one of {file}, "),
        ("{secret}/{slug}", "contains the unknown placeholder {secret}; use one of {author}, "),
    ],
)
def test_patterns_in_braces_are_checked(pattern: str, problem: str) -> None:
    """The messages list the placeholders in the same notation."""
    assert (problem_with_permalink(pattern) or "").startswith(problem)


def test_placeholders_in_braces_have_no_value_elsewhere() -> None:
    """Without a generator that knows them, all pages would have the same address."""
    assert missing_placeholders("/:year/{slug}", {"year": "2026", "slug": "a"}) == ("{slug}",)


@pytest.mark.parametrize("pattern", ["pretty", "/fixed/", "/:year/:month/:day/", "/:categories/"])
def test_pattern_must_distinguish_pages(pattern: str) -> None:
    """Pages with the same address would be one article."""
    with pytest.raises(ValidationError, match="gives several pages the same address; add one of :"):
        FolderSettings.model_validate({"folder": "x", "permalink": pattern})


def test_unknown_placeholder_is_rejected() -> None:
    """It is rejected when the settings are read; the message lists the known ones."""
    with pytest.raises(
        ValidationError, match="contains the unknown placeholder :shop; use one of :abbr"
    ):
        FolderSettings.model_validate({"folder": "x", "permalink": "/:shop/:slug/"})


def test_every_placeholder_is_replaced() -> None:
    """Missing values are named."""
    pattern = "/".join(f":{name}" for name in sorted(PLACEHOLDERS))
    values = {name: name.upper() for name in PLACEHOLDERS}
    assert expand_permalink(pattern, values) == "/".join(
        name.upper() for name in sorted(PLACEHOLDERS)
    )
    assert missing_placeholders("/:year/:slug/", {"year": "2026", "slug": ""}) == ("slug",)


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("/:categories/:slug/", "/a/"),
        (":categories/:slug/", "a/"),
        ("/:slug/:categories", "/a/"),
        ("/x/:categories/:slug.html", "/x/a.html"),
        ("/:categories/:categories/:slug", "/a"),
        ("/x//:slug", "/x/a"),
        ("https://blog.example/:categories/:slug/", "https://blog.example/a/"),
    ],
)
def test_empty_categories_are_dropped(pattern: str, address: str) -> None:
    """They are dropped with their slash, as in Jekyll; no address has two slashes in a row."""
    assert missing_placeholders(pattern, {"slug": "a"}) == ()
    assert expand_permalink(pattern, {"slug": "a"}) == address
