"""Where MkDocs writes pages, and its blog plugin posts. Pure.

https://www.mkdocs.org/user-guide/configuration/#use_directory_urls,
https://squidfunk.github.io/mkdocs-material/plugins/blog/#config.post_url_format
"""

import posixpath
import re
from collections.abc import Mapping
from datetime import datetime
from string import Formatter
from urllib.parse import unquote

from bot.ingest.frontmatter import RejectedError
from bot.ingest.sites.addresses import quote_path
from bot.ingest.sites.mkdocs.configuration import Blog, Languages
from bot.ingest.text import clean_text
from bot.urls.permalinks import date_values, expand_permalink, missing_placeholders
from bot.urls.safety import MAX_LENGTH

LOCALE = re.compile(r"[a-z]{2}(?:-[A-Za-z]{4})?(?:-[A-Z]{2})?|[a-z]{2}_[A-Z]{2}")
# Neither within the whole host nor complete.
_RELATIVE = re.compile(r"(?![/#?])(?![A-Za-z][A-Za-z0-9+.-]*:)")
_QUERY = re.compile(r"([?#])")
_SUFFIX = re.compile(r"\.[^./]+\Z")


def page_name(path: str) -> str:
    """The name of a document without its ending; a `README` is an `index`."""
    name = posixpath.splitext(posixpath.basename(path))[0]
    return "index" if name == "README" else name


def written_file(path: str, *, directory_urls: bool) -> str:
    """Return the path of the file that a document is written to."""
    folder, name = posixpath.dirname(path), page_name(path)
    if directory_urls and name != "index":
        return posixpath.join(folder, name, "index.html")
    return posixpath.join(folder, f"{name}.html")


def file_address(file: str, *, directory_urls: bool) -> str:
    """Return the address of a written file, relative to the site's root without a `/`."""
    folder, name = posixpath.split(file)
    if directory_urls and name == "index.html":
        return f"{folder}/" if folder else ""
    return file


def post_path(
    blog: Blog,
    values: Mapping[str, str],
    date: datetime,
    language: str | None,
) -> str:
    """Return the path of the document that stands for a post where addresses are made of.

    `values` are `slug`, `file` and `categories`. Raises `RejectedError`.
    """
    pattern = blog.url_format
    if "{" in pattern:
        path = _expand(pattern, {**values, "date": format_date(date, blog.date_format, language)})
    else:
        path = _expand_colons(pattern, values, date)
    if len(path) > MAX_LENGTH:
        raise _problem(pattern, "the address is too long")
    folder = "" if blog.is_from_root else blog.folder
    return posixpath.normpath(posixpath.join(folder, posixpath.normpath(path.strip("/")) + ".md"))


def format_date(date: datetime, form: str, language: str | None) -> str:
    """Format a date by a pattern of Unicode's CLDR, with the names of a language."""
    from babel import Locale  # noqa: PLC0415 - for sites of MkDocs only
    from babel.core import UnknownLocaleError  # noqa: PLC0415 - as above
    from babel.dates import format_date as by_width  # noqa: PLC0415 - as above
    from babel.dates import format_datetime  # noqa: PLC0415 - as above

    try:
        locale = Locale.parse((language or "en").replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        locale = Locale("en")
    try:
        if form in {"full", "long", "medium", "short"}:
            return by_width(date, form, locale)
        return format_datetime(date, form, locale=locale)
    except (ValueError, LookupError, AttributeError, TypeError, OverflowError) as error:
        raise _problem(form, "is not a format of dates") from error


def language_of(path: str, languages: Languages | None) -> str | None:
    """The language of a document by its folder or the end of its name; None without languages."""
    if languages is None:
        return None
    if languages.by_folder:
        first, separator, _ = path.partition("/")
        name = first if separator else ""
    else:
        match = _SUFFIX.search(posixpath.splitext(posixpath.basename(path))[0])
        name = match[0][1:] if match else ""
    is_locale = name in languages.known or LOCALE.fullmatch(name)
    return name if name and is_locale else languages.default


def without_language(path: str, languages: Languages | None) -> str:
    """Return the path of a document without a language in its name: `lake.md` for `lake.fr.md`."""
    if languages is None or languages.by_folder:
        return path
    stem, ending = posixpath.splitext(path)
    return stem.removesuffix(f".{language_of(path, languages)}") + ending


def file_of_language(file: str, path: str, languages: Languages) -> str:
    """Return where a file is written to if its document at `path` belongs to a language."""
    language = language_of(path, languages) or languages.default
    if languages.by_folder:
        return file.removeprefix(f"{language}/") if language == languages.default else file
    if without_language(path, languages) != path:
        file = _without_suffixes(file)
    return file if language == languages.default else posixpath.join(language, file)


def _without_suffixes(file: str) -> str:
    """`lake.fr/index.html` is `lake/index.html`, and `index.fr/index.html` is `index.html`."""
    folder, name = posixpath.split(file)
    stem, ending = posixpath.splitext(name)
    name = f"{_SUFFIX.sub('', stem)}{ending}"
    parts = folder.split("/") if folder else []
    if parts:
        parts[-1] = _SUFFIX.sub("", parts[-1]) or parts[-1]
        if parts[-1] in {"index", "README"}:
            parts.pop()
    return "/".join([*parts, name])


def _expand(pattern: str, values: Mapping[str, str]) -> str:
    try:
        parts = list(Formatter().parse(pattern))
    except ValueError as error:
        raise _problem(pattern, str(error)) from error
    path = ""
    for literal, name, _, _ in parts:
        if name is not None and name not in values:
            raise _problem(pattern, f"the page has no value for {name}")
        path += literal + (values[name] if name is not None else "")
    return path


def _expand_colons(pattern: str, values: Mapping[str, str], date: datetime) -> str:
    known = {
        **values,
        "title": values["slug"],
        "filename": values["file"],
        "name": values["file"],
        "path": values["file"],
        **date_values(date),
    }
    if missing := missing_placeholders(pattern, known):
        raise _problem(pattern, f"the page has no value for :{missing[0]}")
    return expand_permalink(pattern, known)


def _problem(pattern: str, problem: str) -> RejectedError:
    return RejectedError(
        f"can't be made from {clean_text(pattern, 100)}: {clean_text(problem, 100)}",
        field="webUrl",
    )


def address_of_file(path: str, blog: Blog | None, languages: Languages | None, link: str) -> str:
    """Return the address of a file that the document at `path` names relative to its folder.

    Other addresses are returned as they are.
    """
    if not _RELATIVE.match(link):
        return link
    target, mark, rest = _QUERY.split(link, maxsplit=1) if _QUERY.search(link) else (link, "", "")
    file = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(target)))
    if file.startswith(".."):
        return link
    if blog is not None and file.startswith(blog.posts):
        # The folder with the posts is left out of the addresses of their files.
        file = posixpath.normpath(file.replace(blog.posts, posixpath.normpath(blog.folder)))
    if languages is not None and languages.by_folder:
        file = file.removeprefix(f"{languages.default}/")
    return f"/{quote_path(file)}{mark}{rest}"
