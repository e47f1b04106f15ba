"""Where a story matches a search: the matching words in bold, and the part of its text around them.

Pure.
"""

from collections.abc import Sequence

from bot.discordapp.markdown import ELLIPSIS, emphasised, plain
from bot.discordapp.messages import stories as labels
from storage.models import Article
from storage.search.matching import Span, best_window, spans
from storage.search.query import Query

# Of a longer excerpt, only this much is compared: that takes some milliseconds.
_COMPARED = 1000
_TITLE = 200


class Matches:
    """Finds a query in the texts of an article.

    `text` is a line, as markdown, of the excerpt or else of a related title, that matches:
    `length` characters at most, which may take twice as many with their escapes. It is empty if
    no such text matches: then title, provider or topics do.
    """

    def __init__(self, article: Article, query: Query, length: int) -> None:
        self._language = article.language
        self._query = query
        self.text = self._around(plain(article.excerpt, _COMPARED), length)
        titles = (plain(each.title, _TITLE) for each in article.related)
        if not self.text and (found := next(filter(self.parts, titles), "")):
            self.text = labels.related_title(self._around(found, length))

    def parts(self, line: str) -> Sequence[Span]:
        """The parts of a line that match; with words that begin like a typed one if no others."""
        complete = self._query.as_typed()
        found = spans(line, complete, self._language)
        if not found and complete != self._query:
            found = spans(line, self._query, self._language)
        return found

    def _around(self, line: str, length: int) -> str:
        found = self.parts(line)
        if not found:
            return ""
        start, end = best_window(line, found, length)
        part = line[start:end].strip()
        before = ELLIPSIS if line[:start].strip() else ""
        after = ELLIPSIS if line[end:].strip() else ""
        shift = len(before) - line.index(part, start)
        last = len(before) + len(part)
        bold = [(max(first + shift, len(before)), min(stop + shift, last)) for first, stop in found]
        return emphasised(before + part + after, bold, 2 * length)
