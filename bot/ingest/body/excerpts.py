"""Chooses the excerpt among the blocks of a text. Pure."""

from collections.abc import Callable, Iterable
from itertools import islice

from bot.ingest.body.blocks import Block, InlineText, Kind
from bot.ingest.body.paragraphs import (
    MAX_EXCERPT,
    ends_sentence,
    has_words,
    is_prose,
    is_short,
    one_line,
    shorten,
)

_MAX_BLOCKS = 60


class Choice:
    """What was found in the blocks of a text, the best first; empty if there is none."""

    def __init__(self) -> None:
        self.prose = ""
        self.other = ""
        self.weak = ""


def choose(
    blocks: Iterable[Block], read: Callable[[Block], InlineText], *, is_whole: bool = False
) -> Choice:
    """Return the first paragraph of prose (or all prose, if `is_whole`), and what there is else.

    A paragraph that is short is continued with the next one, unless a heading follows a sentence.
    """
    choice = Choice()
    is_other_complete = False
    for block in islice(blocks, _MAX_BLOCKS):
        if block.kind is Kind.HEADING:
            if choice.prose and ends_sentence(choice.prose) and not is_whole:
                break
            is_other_complete = bool(choice.other)
            continue
        if block.kind is Kind.OTHER and (choice.prose or is_other_complete):
            continue
        inline = read(block)
        text = one_line(inline.text)
        if not has_words(inline.outside):
            continue
        if block.kind is Kind.OTHER:
            choice.other = _joined(choice.other, text, ", ")
            is_other_complete = len(choice.other) > MAX_EXCERPT
        elif is_prose(text, is_emphasised=inline.is_emphasised, is_strong=inline.is_strong):
            choice.prose = _joined(choice.prose, text, " ")
            if len(choice.prose) > MAX_EXCERPT or not (is_whole or is_short(choice.prose)):
                break
        else:
            choice.weak = choice.weak or text
    choice.prose, choice.other, choice.weak = map(
        shorten, (choice.prose, choice.other, choice.weak)
    )
    return choice


def _joined(text: str, more: str, separator: str) -> str:
    if not text:
        return more
    return f"{text}{' ' if not text[-1].isalnum() else separator}{more}"
