"""Reads front matter with the delimiters that Hugo accepts. Pure.

https://gohugo.io/content-management/front-matter
"""

import re

from bot.ingest.frontmatter import MAX_BYTES, FrontMatter
from bot.ingest.frontmatter_formats import read_any_front_matter

_OPENING = re.compile(rb"((?:\xef\xbb\xbf)?\s*)-{3,}(?=[ \t]*\r?\n)")
_CLOSING = re.compile(rb"(\n)-{3,}(?=[ \t]*(?:\r?\n|\Z))")


def read_front_matter(content: bytes) -> FrontMatter:
    """Front matter in YAML, also between lines of more than three hyphens, in TOML or JSON.

    Raises `RejectedError`.
    """
    opening = _OPENING.match(content)
    if opening is None:
        return read_any_front_matter(content)
    end = opening.end() + MAX_BYTES
    head = content[:end]
    closing = _CLOSING.search(head, opening.end())
    if closing is None:
        return read_any_front_matter(content)
    block = head[opening.end() : closing.start()]
    return read_any_front_matter(opening[1] + b"---" + block + b"\n---" + content[closing.end() :])
