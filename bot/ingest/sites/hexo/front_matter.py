"""Front matter as Hexo takes it: https://hexo.io/docs/front-matter. Pure.

It may be missing, or only the line above it. The lines around it have three or more hyphens, and
JSON without its braces stands between lines `;;;`.
"""

import re
from collections.abc import Callable

from bot.ingest.frontmatter import BOM, MAX_BYTES, FrontMatter, RejectedError
from bot.ingest.frontmatter_formats import read_any_front_matter

_LINE_BREAK = re.compile(rb"\r\n?")
_OPENING = re.compile(rb"(-{3,}|;{3,})\n")
_CLOSING = re.compile(rb"\n(-{3,}|;{3,})\n?")
_FIELD = re.compile(rb"[\w\"'][^\n:]*:(?:[ \t]|\n)")
_TABS = re.compile(rb"\n(\t+)")


def read_hexo_front_matter(content: bytes) -> FrontMatter:
    """Read the front matter of a page. Raises `RejectedError`."""
    text = content.removeprefix(BOM)
    head = _LINE_BREAK.sub(b"\n", text[: MAX_BYTES + 4])
    opening = _OPENING.match(head)
    if opening is None and _FIELD.match(head) is None:
        is_other = text.startswith((b"---", b"+++", b"{"))
        return read_any_front_matter(content) if is_other else FrontMatter({}, {}, text)
    if opening is None:
        closing = _CLOSING.search(head)
    else:
        mark = re.escape(opening[1])
        closing = re.compile(rb"\n(" + mark + rb")\n?").search(head, opening.end())
    if closing is None:
        return read_any_front_matter(content)
    block = head[opening.end() if opening else 0 : closing.start()]
    tail = text[MAX_BYTES + 4 :]
    body = head[closing.end() :] + (_LINE_BREAK.sub(b"\n", tail) if tail else b"")
    if closing[1].startswith(b";"):
        return _shifted(
            lambda: read_any_front_matter(b"{\n" + block + b"\n}\n"), 0 if opening else -1, body
        )
    block = _TABS.sub(lambda tabs: b"\n" + b"  " * len(tabs[1]), b"\n" + block)
    return _shifted(
        lambda: read_any_front_matter(b"---" + block + b"\n---\n"), 0 if opening else -1, body
    )


def _shifted(read: Callable[[], FrontMatter], lines: int, body: bytes) -> FrontMatter:
    """Move the numbers of lines by as many as the text that was read has fewer."""
    try:
        front_matter = read()
    except RejectedError as error:
        if not lines or error.rejection.line is None:
            raise
        found = error.rejection
        line = max(1, error.rejection.line + lines)
        raise RejectedError(found.reason, line=line, field=found.field) from error
    numbers = {name: line + lines for name, line in front_matter.lines.items()}
    return FrontMatter(front_matter.fields, numbers, body)
