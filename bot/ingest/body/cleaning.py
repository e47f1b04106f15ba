"""Makes ordinary Markdown or HTML of a text: without what generators and extensions add. Pure."""

import re
from typing import NamedTuple

from bot.ingest.body.lines import remove_extensions
from bot.ingest.body.tags import (
    remove_components,
    remove_expressions,
    remove_tags,
    simplify_attributes,
)

# Comments, but not those that a text about them has as code.
_COMMENT = re.compile(
    r"(``[^\n]{1,300}?``|`[^`\n]{1,300}`)|<!--.*?(?:-->|\Z)|\{/\*.*?(?:\*/\}|\Z)", re.DOTALL
)
# Comments of Obsidian, and code of ERB and EJS.
_OTHER_COMMENTS = re.compile(r"%%[^%]{1,2000}%%|<%(?:[^%]|%(?!>)){0,1000}+%>")
_CODE = re.compile(r"<(script|style|pre)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)


class Format(NamedTuple):
    """The format of a text; with neither it is Markdown, in which there may be components."""

    is_html: bool = False
    is_mdx: bool = False


def clean(text: str, written_in: Format, *, with_remarks: bool) -> str:
    """Return the text without them; remarks (notes, tips, warnings) stay only `with_remarks`."""
    if not written_in.is_html:
        text = remove_extensions(text, with_remarks=with_remarks, has_statements=written_in.is_mdx)
    if "<!--" in text or "*/}" in text:
        text = _COMMENT.sub(lambda found: found[1] or "", text)
    if "%%" in text or "<%" in text:
        text = _OTHER_COMMENTS.sub("", text)
    if not written_in.is_html:
        text = simplify_attributes(text)
    text = text.replace("<br\\>", "<br>")  # a common mistake
    text = remove_tags(text, with_remarks=with_remarks)
    if "<" in text:
        text = _CODE.sub("\n\n", text)
        if not written_in.is_html:
            text = remove_components(text, with_remarks=with_remarks)
    return remove_expressions(text) if written_in.is_mdx else text
