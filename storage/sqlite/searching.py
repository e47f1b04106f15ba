"""What people type, as an FTS5 query.

FTS5 has a query language of its own (https://www.sqlite.org/fts5.html#full_text_query_syntax);
nothing that a person types reaches it unquoted.
"""

from __future__ import annotations

import re

MAX_WORDS = 16
_WORD = re.compile(r"\w+")


def match_expression(text: str, *, column: str | None = None, prefix: bool = False) -> str | None:
    """An expression that all words of `text` must match, or None if it has no word.

    With `prefix` the last word may be the beginning of one, as while typing.
    """
    words = _WORD.findall(text)[:MAX_WORDS]
    if not words:
        return None
    terms = [f'"{word}"' for word in words]
    if prefix:
        terms[-1] += " *"
    expression = " AND ".join(terms)
    return f"{column} : ({expression})" if column else expression
