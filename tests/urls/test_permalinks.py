"""Patterns of addresses."""

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
def test_patterns_of_what_pages_have_are_taken(pattern: str) -> None:
    """A colon before anything but a name is just a colon."""
    assert problem_with_permalink(pattern) is None
    assert FolderSettings.model_validate({"folder": "x", "permalink": pattern}).permalink == pattern


@pytest.mark.parametrize("pattern", ["pretty", "/fixed/", "/:year/:month/:day/", "/:categories/"])
def test_a_pattern_that_does_not_tell_pages_apart_is_refused(pattern: str) -> None:
    """Pages with one address would be one article."""
    with pytest.raises(
        ValidationError, match="gives several pages the same address; add one of :filename,"
    ):
        FolderSettings.model_validate({"folder": "x", "permalink": pattern})


def test_a_pattern_that_wants_what_no_page_has_is_refused_with_what_there_is() -> None:
    """When the settings are read, not page by page."""
    with pytest.raises(ValidationError, match="contains the unknown placeholder :lang; use :categ"):
        FolderSettings.model_validate({"folder": "x", "permalink": "/:lang/:slug/"})


def test_every_place_is_filled_in() -> None:
    """And what is missing is named."""
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
def test_categories_are_left_out_where_a_page_has_none(pattern: str, address: str) -> None:
    """With their slash, as Jekyll does; no address has two slashes in a row."""
    assert missing_placeholders(pattern, {"slug": "a"}) == ()
    assert expand_permalink(pattern, {"slug": "a"}) == address
