"""Finds the title of a page as Docusaurus does: in its first heading. Pure.

https://github.com/facebook/docusaurus/blob/main/packages/docusaurus-utils/src/markdownUtils.ts
"""

import re

# Headings are looked for in the first part of a text.
_MAX_BYTES = 64 * 1024
_MAX_LINE = 2_000
_BLANK_LINES = re.compile(r"\n{2,}")
_HEADING = re.compile(r"#[ \t]+([^ \t\n][^\n]*)")
_UNDERLINED = re.compile(r"([^\n]*)\n=+(?:\n|\Z)")
_ID = re.compile(r"\{#*[\w-]+\}\Z")
_CODE = re.compile(r"`([^`]*)`")


def content_title(body: bytes) -> str | None:
    """Return the text of the heading with which a page begins; imports may stand before it."""
    text = body[:_MAX_BYTES].decode("utf-8", "replace").replace("\r\n", "\n").strip()
    while re.match(r"import\s", text):
        end = _BLANK_LINES.search(text)
        if end is None:
            return None
        text = text[end.end() :]
    text = text.strip()
    heading = _HEADING.match(text)
    underlined = None if heading else _UNDERLINED.match(text)
    if heading:
        title = heading[1][:_MAX_LINE].strip()
        without_id = _ID.sub("", title)
        title = without_id if without_id != title else title.rstrip("#")
    elif underlined:
        title = underlined[1][:_MAX_LINE].strip().rstrip("=")
    else:
        return None
    return _CODE.sub(r"\1", title.strip()).strip()
