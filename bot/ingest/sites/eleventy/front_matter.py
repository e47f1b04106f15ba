"""Front matter as Eleventy takes it: https://www.11ty.dev/docs/data-frontmatter. Pure.

It may be missing, and its first line may name a language: `---json`.
"""

import re

from bot.ingest.frontmatter import BOM, FrontMatter, RejectedError
from bot.ingest.frontmatter_formats import read_any_front_matter

_LANGUAGE = re.compile(rb"---[ \t]*(json|yaml|yml)[ \t]*\r?\n")
_CLOSING = re.compile(rb"\r?\n---[ \t]*(?:\r?\n|\Z)")


def read_eleventy_front_matter(content: bytes) -> FrontMatter:
    """Read the front matter of a page. Raises `RejectedError`."""
    start = content.removeprefix(BOM)
    if not start.startswith(b"---"):
        return FrontMatter({}, {}, start)
    opening = _LANGUAGE.match(start)
    if opening is None:
        return read_any_front_matter(content)
    if opening[1] != b"json":
        return read_any_front_matter(b"---\n" + start[opening.end() :])
    closing = _CLOSING.search(start, opening.end() - 1)
    if closing is None:
        raise RejectedError("has front matter that is not closed; end it with a line ---")
    found = read_any_front_matter(start[opening.end() : closing.start()])
    return FrontMatter(found.fields, found.lines, start[closing.end() :])
