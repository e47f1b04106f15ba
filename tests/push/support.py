"""An article as a program sends it."""

from typing import Any


def make_pushed(name: str = "sail", **changed: object) -> dict[str, Any]:
    """Return the fields of an article in the article format, some of them changed."""
    return {
        "title": f"Story {name}",
        "publishedDateTime": "2026-11-23T11:00:00Z",
        "webUrl": f"https://gazette.example/2026/{name}",
        "excerpt": "Sunlight alone lifts its orbit.",
        "topics": ["Space"],
        "quality": 90,
        **changed,
    }
