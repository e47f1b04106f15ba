"""Slugs as Pelican makes them from titles and names."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from bot.ingest.frontmatter import RejectedError
from bot.ingest.sites.pelican.expressions import MAX_REPLACEMENT, SiteExpression

MAX_TEXT = 1_000
MAX_SUBSTITUTIONS = 50
# The default of SLUG_REGEX_SUBSTITUTIONS.
DEFAULT_SUBSTITUTIONS = (
    (r"[^\w\s-]", ""),
    (r"(?u)\A\s*", ""),
    (r"(?u)\s*\Z", ""),
    (r"[-\s]+", "-"),
)
_COMMENT_OR_TAG = re.compile(r"<(?:!--(?:[^-]|-(?!->))*+-->|[^>]*+>)")


@dataclass(frozen=True, slots=True)
class Slugs:
    """How a site makes slugs: https://docs.getpelican.com/en/stable/settings.html#url-settings."""

    substitutions: tuple[tuple[SiteExpression, str], ...]
    keeps_unicode: bool = False
    keeps_case: bool = False

    @classmethod
    def from_pairs(
        cls, pairs: Sequence[tuple[str, str]], *, keeps_unicode: bool, keeps_case: bool
    ) -> "Slugs":
        """Compile the `pairs` of a pattern and its replacement; invalid ones are left out."""
        substitutions = []
        for pattern, replacement in pairs[:MAX_SUBSTITUTIONS]:
            try:
                expression = SiteExpression(_normalise(pattern), ignore_case=True)
            except ValueError:
                continue
            if len(replacement) <= MAX_REPLACEMENT:
                substitutions.append((expression, _normalise(replacement)))
        return cls(tuple(substitutions), keeps_unicode, keeps_case)

    def make(self, text: str) -> str:
        """Return the slug of a title or a name. Raises `RejectedError` if it can't be made."""
        # Without lone surrogates, which Unidecode warns of.
        text = text[:MAX_TEXT].encode("utf-8", "ignore").decode("utf-8")
        plain = unescape(" ".join(_COMMENT_OR_TAG.sub("", text).split()))
        slug = _normalise(plain)
        if not self.keeps_unicode and not slug.isascii():
            slug = _spell_in_ascii(slug)
        for expression, replacement in self.substitutions:
            slug = expression.replace(replacement, slug)
        return (slug if self.keeps_case else slug.lower()).strip()


def _normalise(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _spell_in_ascii(text: str) -> str:
    """Spell a text as Pelican does. Raises `RejectedError` if the library is not installed."""
    try:
        from unidecode import unidecode  # noqa: PLC0415 - an extra, and for sites of Pelican only
    except ImportError as error:
        raise RejectedError(
            "needs letters other than ASCII in its address, which takes the package Unidecode:"
            " pip install Unidecode",
            field="webUrl",
        ) from error
    return unidecode(text)
