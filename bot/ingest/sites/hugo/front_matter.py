"""Reads front matter with the delimiters that Hugo accepts. Pure.

https://gohugo.io/content-management/front-matter
"""

import re

from bot.ingest.frontmatter import MAX_BYTES, FrontMatter
from bot.ingest.frontmatter_formats import read_any_front_matter

_ANY_OPENING = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:---|\+\+\+|\{\s*[\"}])")
_OPENING = re.compile(rb"((?:\xef\xbb\xbf)?\s*)-{3,}(?=[ \t]*\r?\n)")
_CLOSING = re.compile(rb"\n-{3,}(?=[ \t]*(?:\r?\n|\Z))")


def read_front_matter(content: bytes) -> FrontMatter:
    """Front matter in YAML, also between lines of more than three hyphens, in TOML or JSON.

    It may be missing or empty. Raises `RejectedError`.
    """
    if _ANY_OPENING.match(content) is None:
        return FrontMatter({}, {}, content)
    opening = _OPENING.match(content)
    start = opening.end() if opening else 0
    head = content[: start + MAX_BYTES]
    closing = _CLOSING.search(head, start)
    if opening is None or closing is None:
        return read_any_front_matter(content)
    block = head[start : closing.start()]
    if all(line.lstrip()[:1] in {b"", b"#"} for line in block.splitlines()):
        return FrontMatter({}, {}, content[closing.end() :])
    return read_any_front_matter(opening[1] + b"---" + block + b"\n---" + content[closing.end() :])
