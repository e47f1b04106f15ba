"""Slugs as the functions make them that the settings of MkDocs usually name. Pure."""

import re
import unicodedata
from dataclasses import dataclass

from bot.ingest.sites.addresses import quote_path

_MAX_TEXT = 1_000
_TAG = re.compile(r"</?[^>]*>")


@dataclass(frozen=True, slots=True)
class Slugify:
    """`slugify` of `pymdownx.slugs`, or `slugify` and `slugify_unicode` of Markdown's `toc`.

    https://facelessuser.github.io/pymdown-extensions/extras/slugs/,
    https://python-markdown.github.io/extensions/toc/
    """

    case: str = "lower"
    percent_encode: bool = False
    form: str = "NFC"
    of_markdown: bool = False
    ascii_only: bool = False

    def make(self, text: str, separator: str) -> str:
        """Return the slug of a title or a name."""
        text = text[:_MAX_TEXT]
        return (
            self._as_markdown(text, separator)
            if self.of_markdown
            else self._as_pymdownx(text, separator)
        )

    def _as_pymdownx(self, text: str, separator: str) -> str:
        slug = _TAG.sub("", _normalise(self.form, text)).strip()
        if self.case == "lower":
            slug = slug.lower()
        elif self.case == "lower-ascii":
            slug = re.sub(r"[A-Z]+", lambda match: match[0].lower(), slug)
        elif self.case == "fold":
            slug = slug.casefold()
        slug = re.sub(r"[^\w\- ]", "", slug).replace(" ", separator)
        return quote_path(slug) if self.percent_encode else slug

    def _as_markdown(self, text: str, separator: str) -> str:
        if self.ascii_only:
            text = _normalise("NFKD", text).encode("ascii", "ignore").decode("ascii")
        slug = re.sub(r"[^\w\s-]", "", text).strip().lower()
        return re.sub(rf"[{re.escape(separator)}\s]+", lambda _: separator, slug)


PYMDOWNX = Slugify()
# By the names of functions.
FUNCTIONS = {
    "pymdownx.slugs.uslugify": PYMDOWNX,
    "pymdownx.slugs.uslugify_encoded": Slugify(percent_encode=True),
    "pymdownx.slugs.uslugify_cased": Slugify(case="none"),
    "pymdownx.slugs.uslugify_cased_encoded": Slugify(case="none", percent_encode=True),
    "pymdownx.slugs.gfm": Slugify(case="lower-ascii"),
    "pymdownx.slugs.gfm_encoded": Slugify(case="lower-ascii", percent_encode=True),
    "markdown.extensions.toc.slugify": Slugify(of_markdown=True, ascii_only=True),
    "markdown.extensions.toc.slugify_unicode": Slugify(of_markdown=True),
}


def _normalise(form: str, text: str) -> str:
    match form:
        case "NFC" | "NFD" | "NFKC" | "NFKD":
            return unicodedata.normalize(form, text)
    return text
