"""The part of an excerpt that matches a search, with the matching words in bold. Pure."""

from bot.discordapp.markdown import ELLIPSIS, discord_length, emphasised, escaped, plain
from storage.models import Article
from storage.search.matching import best_window, spans
from storage.search.query import Query

# Of a longer excerpt, only this much is compared: that takes some milliseconds.
_COMPARED = 1000


def snippet(article: Article, query: Query, length: int) -> str:
    """One line of at most `length` characters of the excerpt, as markdown of at most twice that.

    Its beginning, if only other parts of the article match.
    """
    line = plain(article.excerpt, _COMPARED)
    complete = query.as_typed()
    found = spans(line, complete, article.language)
    if not found and complete != query:
        found = spans(line, query, article.language)
    if not found:
        return escaped(line, length)
    start, end = best_window(line, found, length)
    before = ELLIPSIS if line[:start].strip() else ""
    after = ELLIPSIS if line[end:].strip() else ""
    part = line[start:end].strip()
    shift = len(before) - line.index(part, start)
    shown = before + part + after
    bold = [
        (max(first + shift, len(before)), min(last + shift, len(before) + len(part)))
        for first, last in found
    ]
    return emphasised(shown, bold, max(2 * length, discord_length(ELLIPSIS)))
