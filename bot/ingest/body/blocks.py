"""The blocks that a text consists of."""

from dataclasses import dataclass
from enum import IntEnum


class Kind(IntEnum):
    """What a block is; of several that contain each other, the highest decides."""

    PROSE = 0
    OTHER = 1  # a list or a quotation
    HEADING = 2
    OMITTED = 3


@dataclass(frozen=True, slots=True)
class Block:
    """A block with its markup: Markdown within a paragraph, or HTML."""

    kind: Kind
    markup: str
    is_html: bool = False


@dataclass(frozen=True, slots=True)
class InlineText:
    """The text of a block. Line breaks of the author are line breaks.

    `outside` is the part that is not in a link. `is_emphasised` and `is_strong`: all of it is.
    """

    text: str
    outside: str
    is_emphasised: bool = False
    is_strong: bool = False
