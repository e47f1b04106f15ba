"""Removes what extensions of Markdown add within a paragraph: footnotes, attributes. Pure."""

import re
from collections.abc import Sequence

from bot.ingest.body.emoji import remove_emoji
from bot.ingest.body.tags import UNKNOWN

# Each with what has to be in the text for it to be searched. All of them take limited time.
_MARKS: Sequence[tuple[str, re.Pattern[str], str]] = (
    # Footnotes, also those within the text, and citations (Pandoc).
    ("[^", re.compile(r"[ \t]*\[\^[^\]\s]{1,100}\]"), ""),
    ("^[", re.compile(r"[ \t]*\^\[[^\[\]]{0,500}\]"), ""),
    ("[@", re.compile(r"[ \t]*\[[^\[\]@]{0,50}@[\w:.#$%&+?<>~/-]{1,100}[^\[\]]{0,200}\]"), ""),
    ("[-@", re.compile(r"[ \t]*\[-@[^\[\]]{1,200}\]"), ""),
    # https://help.obsidian.md/embeds and .../links
    ("![[", re.compile(r"!\[\[[^\[\]]{1,300}\]\]"), ""),
    ("[[", re.compile(r"\[\[[^\[\]|]{1,300}\|([^\[\]|]{1,300})\]\]"), r"\1"),
    ("[[", re.compile(r"\[\[([^\[\]|]{1,300})\]\]"), r"\1"),
    # Pictures and links that Markdown does not recognise.
    (
        "![",
        re.compile(
            r"!\[[^\[\]]{0,300}\](?:\((?:[^()]|\([^()]{0,300}\)){0,500}+\)|\[[^\[\]]{0,200}\])?"
        ),
        "",
    ),
    ("](", re.compile(r"\[([^\[\]]{1,300})\]\([^()]{0,500}\)"), r"\1"),
    ("][", re.compile(r"\[([^\[\]]{1,300})\] ?\[[^\[\]]{0,200}\]"), r"\1"),
    # https://kramdown.gettalong.org/syntax.html#span-ials, and Pandoc's attributes.
    ("]{", re.compile(r"\[([^\[\]]{1,300})\]\{[^{}]{0,300}\}"), r"\1"),
    ("{", re.compile(r"[ \t]*\{(?:::?| ?[.#])[^{}]{0,500}\}"), ""),
    ("=", re.compile(r"\{[\w:.-]{1,50}=[^{}]{0,500}\}"), ""),
    # Strong text beside punctuation of Chinese, which CommonMark does not recognise.
    ("**", re.compile(r"\*\*([^*\n]{1,500})\*\*"), r"\1"),
    # Marked text, and text that someone else inserted or removed (CriticMarkup).
    ("==", re.compile(r"(?<![=\w])==(?=[^\s=])([^=\n]{1,500})(?<=\S)==(?![=\w])"), r"\1"),
    ("++", re.compile(r"(?<!\+)\+\+(?=[^\s+])([^+\n]{1,300})(?<=\S)\+\+(?!\+)"), r"\1"),
    # Superior and inferior text (Pandoc).
    ("^", re.compile(r"\^([^\s^$]{1,40})\^"), r"\1"),
    ("~", re.compile(r"(?<!~)~(?=[^\s~])([^~\n]{1,40})(?<=\S)~(?!~)"), r"\1"),
    ("{++", re.compile(r"\{\+\+([^{}]{0,500})\+\+\}"), r"\1"),
    ("{--", re.compile(r"\{--[^{}]{0,500}--\}"), ""),
    # What is left of comments.
    ("<!--", re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL), ""),
    (UNKNOWN, re.compile(UNKNOWN), ""),
)


_WIKI_LINK = re.compile(r"\[\[[^\[\]]{1,300}\]\]")


def remove_wiki_links(text: str) -> str:
    """Return the text that is in none of the links `[[page]]`."""
    return _WIKI_LINK.sub("", text) if "[[" in text else text


def remove_marks(text: str) -> str:
    """Return the text without them."""
    for needed, pattern, instead in _MARKS:
        if needed in text:
            text = pattern.sub(instead, text)
    return remove_emoji(text) if ":" in text else text
