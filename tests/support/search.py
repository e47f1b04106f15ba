"""A search index in memory that is built as the stores build theirs."""

import sqlite3
from collections.abc import Iterable

from storage.search.query import Clause, Query
from storage.search.terms import index_text


class SearchIndex:
    """Texts by number, with and without the forms of their words."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(":memory:")
        self._connection.execute(
            "CREATE VIRTUAL TABLE texts USING fts5 (title, body, tokenize = 'ascii')"
        )

    def add(self, number: int, *, title: str = "", body: str = "", language: str | None) -> None:
        """Add a text, or replace it."""
        self._connection.execute("DELETE FROM texts WHERE rowid = ?", (number,))
        self._connection.execute(
            "INSERT INTO texts (rowid, title, body) VALUES (?, ?, ?)",
            (number, index_text(title, language, forms=True), index_text(body, language)),
        )

    def find(self, query: Query, *, column: str = "") -> list[int]:
        """The numbers of the texts that match, the highest first."""
        if query.is_empty:
            return []
        expression = match_expression(query)
        rows = self._connection.execute(
            "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rowid DESC",
            (f"{column} : ({expression})" if column else expression,),
        )
        return [number for (number,) in rows]

    def close(self) -> None:
        """Free its memory."""
        self._connection.close()


def match_expression(query: Query) -> str:
    """A query in FTS5's language. https://www.sqlite.org/fts5.html#full_text_query_syntax."""
    expression = _joined(query.required, "AND")
    return f"({expression}) NOT ({_joined(query.excluded, 'OR')})" if query.excluded else expression


def _joined(clauses: Iterable[Clause], operator: str) -> str:
    return f" {operator} ".join(f"({_alternatives(clause)})" for clause in clauses)


def _alternatives(clause: Clause) -> str:
    return " OR ".join(
        f'"{" ".join(each.tokens)}"{" *" if each.prefix else ""}' for each in clause.alternatives
    )
