"""Which categories of a feed's entries are topics. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.ingest.html.plain_text import one_line_text

MAX_CATEGORIES = 100
# What publishing systems call the category of posts that have none.
_NO_CATEGORY = frozenset(
    """
    uncategorized|uncategorised|unkategorisiert|non classé|sin categoría|sin categorizar
    |sem categoria|senza categoria|geen categorie|niet gecategoriseerd|ukategorisert
    |ikke kategoriseret|ikke-kategoriseret|okategoriserade|luokittelematon|bez kategorii
    |nezařazené|nezaradené|fără categorie|sense categoria|без рубрики|без категорії
    |без категория|kategorisiz|未分类|未分類|미분류|chưa phân loại|غير مصنف|دسته‌بندی نشده
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
# Vocabularies that say what an entry is (a post, a page), not what it is about.
_KINDS = re.compile(r"#kind\Z|/post-?format|\bpost_format\b", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]{1,20}://|urn:|tag:[^ ]+,\d{4})", re.IGNORECASE)
# A semicolon is in no name; a comma is, as in "Washington, D.C.", but without a space only in
# numbers.
_LIST = re.compile(r"\s*;\s*|(?<=[^\W\d]),(?=[^\W\d])")


@dataclass(frozen=True, slots=True)
class Category:
    """A category as a feed writes it: `label` is for people."""

    term: str = ""
    label: str = ""
    scheme: str = ""


def topics_of(categories: Iterable[Category]) -> tuple[str, ...]:
    """Return the names of the topics, each once.

    Hierarchies stay as they are (`Science/Physics`).
    """
    topics: dict[str, str] = {}
    for category in categories:
        for name in _names(category):
            if name.casefold() not in _NO_CATEGORY and not _ADDRESS.match(name):
                topics.setdefault(name.casefold(), name)
            if len(topics) == MAX_CATEGORIES:
                return tuple(topics.values())
    return tuple(topics.values())


def _names(category: Category) -> Iterator[str]:
    if _KINDS.search(category.scheme):
        return
    text = one_line_text(category.label or category.term)
    is_words = category.scheme == "urn:flickr:tags"
    for name in text.split() if is_words else _LIST.split(text):
        if name := name.strip(" ,"):
            yield name
