"""The line above a message, made of an admin's template. Pure."""

from collections.abc import Callable, Collection
from typing import TypeAlias

from bot.discordapp.markdown import escaped, plain
from bot.discordapp.messages import stories as labels
from storage.models import Article

# From the mentions of roles, or "", to the line with them.
FillLine: TypeAlias = Callable[[str], str]

_LINE = 300
_TITLE, _NAME = 200, 60
# Stands for the mentions while the rest is escaped: a character that no text needs.
_ROLE = "\ue000"


def fill_line(template: str, article: Article, topics: Collection[str], mentions: str) -> str:
    """The line about an article: one line without markup, except for the `mentions`.

    They replace `{role}`; without it, they precede the line. `topics` are those that were chosen:
    `{topic}` is the article's first among them, or else its first.
    """
    provider = article.provider.name if article.provider else ""
    values = {
        "title": plain(article.title, _TITLE) or labels.UNTITLED_STORY,
        "topic": plain(_topic(article, topics), _NAME),
        "provider": plain(provider, _NAME),
    }
    filled = template.replace(_ROLE, "").format_map(
        {name: value.replace(_ROLE, "") for name, value in values.items()}
        | {"role": _ROLE if mentions else ""}
    )
    before, mark, after = filled.partition(_ROLE)  # the mentions are shown once
    line = escaped(before + mark + after.replace(_ROLE, ""), _LINE)
    if _ROLE in line:
        return line.replace(_ROLE, mentions)
    return " ".join(filter(None, (mentions, line)))


def _topic(article: Article, topics: Collection[str]) -> str:
    chosen = {name.casefold() for name in topics}
    wanted = [name for name in article.topics if name.casefold() in chosen]
    return next(iter([*wanted, *article.topics]), "")
