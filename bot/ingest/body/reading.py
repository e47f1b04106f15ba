"""What an article's text gives if its front matter does not: heading, excerpt, pictures."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BodyReading:
    """The first heading and the first paragraph of prose as plain text, and all photos' addresses.

    Texts are empty if there are none. Addresses are as written, the first picture first.
    """

    heading: str = ""
    excerpt: str = ""
    pictures: Sequence[str] = ()


def read_body(body: bytes, path: str) -> BodyReading:  # noqa: ARG001 - not read yet
    """Read the text of an article; the ending of its path decides on the format. Never raises."""
    return BodyReading()
