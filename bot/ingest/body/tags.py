"""Removes the tags of template languages and components from a text in Markdown or HTML. Pure.

Tags are Hugo's shortcodes (https://gohugo.io/content-management/shortcodes), those of Liquid, Twig,
Nunjucks, Hexo and Zola, and the components of MDX (https://mdxjs.com/docs/what-is-mdx). Nothing is
executed: what a tag would show is known only if it is a picture or a quoted word.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

# Stands for the value of a variable, which only the generator knows.
UNKNOWN = "\ue000"

# Code spans are left as they are. All lengths are limited, so that no search takes long.
_CODE = r"(?P<code>``[^\n]{1,300}?``(?!`)|(?<!`)`[^`\n]{1,300}`(?!`))"
_TAG = re.compile(
    _CODE + r"|\{\{[<%]-?\s*(?P<hugo_end>/?)\s*(?P<hugo>[\w.][\w./-]{0,100})"
    r"(?P<hugo_words>(?:\"[^\"]{0,500}\"|`[^`]{0,500}`|[^\"`>%{]+|[>%](?!\}\})|\{(?!\{)){0,200}+)[>%]\}\}"
    r"|\{\{[<%]/\*(?P<shown>.{0,1000}?)\*/[>%]\}\}"
    r"|\{%[-+]?\s*(?P<liquid>[\w.-]{1,100})(?P<liquid_words>(?:[^{%]+|%(?!\})|\{(?!%)){0,200}+)%\}"
    r"|\{\{\{?-?\s*(?P<output>[^{}]{0,300}?)\s*-?\}?\}\}"
    r"|\{#-?\s(?:[^#{]+|#(?!\})|\{(?!#)){0,200}+#\}",
    re.DOTALL,
)
# Components have names in upper case; `<T>` in plain Markdown is one, too, which browsers hide.
_COMPONENT = re.compile(
    _CODE + r"|<(?P<end>/?)(?P<name>[A-Z][\w.:]{0,100}|)"
    r"(?P<words>(?:\s(?:\"[^\"]{0,1000}\"|'[^']{0,1000}'|[^<>\"']){0,500}|/?))>",
)
_COMPONENT_START = re.compile(r"</?[A-Z>]")
_EXPRESSION_VALUE = re.compile(r"(?P<name>[\w:-]{1,50})=\{")
_EXPRESSION = re.compile(_CODE + r"|\\(?P<escaped>[{}])|\{")
_BRACE = re.compile(r"[{}]")
_QUOTED = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`\n]*)`")
_LITERAL = re.compile(r"\s*(?:\"([^\"\n]*)\"|'([^'\n]*)')\s*(?:\||\Z)")
# Variables for the beginning of all addresses of the site.
_SITE_ADDRESS = re.compile(
    r"(?:\w+\.)*(?:base_?url|base_?path|relative_?root|root|root_?url|site_?url|url|home)"
    r"(?:\s*\|.*)?",
    re.IGNORECASE | re.DOTALL,
)
_PICTURE_NAME = re.compile(
    r"fig|im(?:g|age)|photo|pic|asset|include|media|lazy|light|render|cover|res", re.IGNORECASE
)
# The words of a tag, with the name of those that are no address.
_WORD = re.compile(
    r"(?:\b(?P<text>alt|caption|class|label|title)\s*[=:]\s*)?"
    r"(?:\"(?P<double>(?:[^\"\\]|\\.){0,500})\"|'(?P<single>(?:[^'\\]|\\.){0,500})'"
    r"|`(?P<raw>[^`]{0,500})`|(?P<bare>[^\s\"'`<>=?#]+(?:[?#][^\s\"'`<>]*)?))",
    re.IGNORECASE | re.DOTALL,
)
_PICTURE_FILE = re.compile(r"[^<>\n]+\.(?:avif|gif|jpe?g|png|webp)(?:[?#][^\s<>]*)?", re.IGNORECASE)
# Eleventy's shortcodes for pictures, whose files get another name: `{% image "a.jpg", "Text" %}`.
_ELEVENTY = re.compile(r"\s*[\"'][^\"']*[\"']\s*,")

# Pairs of tags whose content is text of the article.
_TRANSPARENT = frozenset(
    {
        *("abbr", "align", "autoescape", "block", "box", "center", "centered", "col", "color"),
        *("column", "columns", "container", "content", "div", "dropcap", "element", "font"),
        *("filter", "fontsize", "grid", "html", "if", "ifversion", "intro", "justify", "kbd"),
        *("large", "lead", "left", "lower", "ltr", "mark", "markdown", "markdownify", "md"),
        *("p", "para", "paragraph", "raw", "rawhtml", "right", "row", "rtl", "section", "size"),
        *("small", "smallcaps", "spaceless", "span", "strike", "sub", "sup", "text", "trans", "u"),
        *("underline", "unless", "upper", "verbatim", "with", "wrap", "wrapper", "words"),
    }
)
_VERBATIM = frozenset({"raw", "verbatim"})
_CONDITIONS = frozenset({"if", "unless", "ifversion", "ifequal", "ifnotequal"})
_BRANCHES = frozenset({"else", "elsif", "elif", "elseif"})
# Pairs whose content is not text even within a sentence, or if it stands for itself.
_NEVER_TEXT = re.compile(
    r"comment|math|katex|latex|footnote|sidenote|marginnote|reference|script|style|capture|macro"
    r"|svg|hide|json|yaml",
    re.IGNORECASE,
)
_NOT_TEXT = re.compile(
    r"code|highlight|comment|capture|math|katex|latex|mermaid|chart|diagram|graph|script|style|css"
    r"|schema|plantuml|ditaa|gist|playground|sandpack|terminal|console|snippet|prism|json|yaml|data"
    r"|tabs?(?:item|s|-|\Z)|toc|for\Z|macro|set\Z|svg|gallery|figure|carousel|slide|hide|head\Z"
    r"|style|video|audio|iframe|embed|csv|table|swiper|footnote|sidenote|reference|bibliography",
    re.IGNORECASE,
)
# Components whose content is a remark.
_ASIDE = re.compile(
    r"admonition|alert|aside|banner|callout|card|caution|danger|details|dropdown|collapse|collapsible"
    r"|accordion|expand|hint|info\Z|message|note|notice|quote|sidebar|spoiler|tip|toggle|tweet|warn|important"
    r"|caption|credit|button|link|subscribe|newsletter|cta|toc",
    re.IGNORECASE,
)


class _Tag(NamedTuple):
    """A tag at a place of the text; `instead` is what the text has instead of it."""

    start: int
    end: int
    name: str
    is_start: bool
    is_end: bool
    instead: str = ""
    is_component: bool = False


def remove_tags(text: str, *, with_remarks: bool) -> str:
    """Return the text without template tags; pictures become Markdown.

    The content of pairs of unknown tags is in the text only `with_remarks`.
    """
    if "{%" not in text and "{{" not in text and "{#" not in text:
        return text
    return _remove(text, list(_template_tags(text)), with_remarks=with_remarks)


def remove_components(text: str, *, with_remarks: bool) -> str:
    """Return the text without components of MDX, as `remove_tags` does."""
    if not _COMPONENT_START.search(text):
        return text
    return _remove(text, list(_component_tags(text)), with_remarks=with_remarks)


def simplify_attributes(text: str) -> str:
    """Replace `src={'/a.png'}` by `src="/a.png"`, and remove attributes of other expressions."""
    if "={" not in text:
        return text
    ends = _ends_of_braces(text)
    parts: list[str] = []
    position = 0
    for found in _EXPRESSION_VALUE.finditer(text):
        end = ends.get(found.end() - 1)
        if found.start() >= position and end is not None:
            literal = _QUOTED.search(text, found.end(), end - 1)
            is_address = found["name"].lower() in {"src", "url", "image"}
            parts.append(text[position : found.start()])
            if literal and is_address:
                parts.append(f'{found["name"]}="{next(filter(None, literal.groups()), "")}"')
            position = end
    return "".join((*parts, text[position:]))


def remove_expressions(text: str) -> str:
    """Remove `{expressions}` of MDX, also those over several lines; not those in code spans."""
    if "{" not in text:
        return text
    ends = _ends_of_braces(text)
    parts: list[str] = []
    position = 0
    for found in _EXPRESSION.finditer(text):
        if found.start() < position or found["code"]:
            continue
        if found["escaped"]:
            parts += (text[position : found.start()], found["escaped"])
            position = found.end()
        elif (end := ends.get(found.start())) is not None:
            literal = _LITERAL.fullmatch(text, found.end(), end - 1)
            parts += (text[position : found.start()], literal[1] or literal[2] if literal else "")
            position = end
    return "".join((*parts, text[position:]))


def _ends_of_braces(text: str) -> Mapping[int, int]:
    """Return where each pair of braces begins and ends."""
    ends: dict[int, int] = {}
    starts: list[int] = []
    for brace in _BRACE.finditer(text):
        if brace[0] == "{":
            starts.append(brace.start())
        elif starts:
            ends[starts.pop()] = brace.end()
    return ends


def _template_tags(text: str) -> Iterator[_Tag]:
    last_name = ""
    for found in _TAG.finditer(text):
        start, end = found.span()
        if found["code"]:
            continue
        if name := found["hugo"]:
            words = found["hugo_words"]
            is_end = bool(found["hugo_end"])
            instead = "" if is_end else _picture(name, words)
            is_start = not (is_end or words.endswith("/"))
            yield _Tag(start, end, name.lower(), is_start, is_end, instead)
        elif name := found["liquid"]:
            # In Zola, `{% end %}` ends whatever began.
            name = f"end{last_name}" if name == "end" else name
            last_name = "" if name.startswith("end") else name
            yield _liquid_tag(start, end, name.lower(), found["liquid_words"])
        elif (output := found["output"]) is not None:
            yield _Tag(start, end, "", False, False, _output(output))
        else:
            # A text about shortcodes shows them.
            shown = found["shown"] and f"{{{{{text[start + 2]}{found['shown']}{text[end - 3]}}}}}"
            yield _Tag(start, end, "", False, False, shown or "")


def _liquid_tag(start: int, end: int, name: str, words: str) -> _Tag:
    if name.startswith("end"):
        return _Tag(start, end, name[3:].lstrip("_"), is_start=False, is_end=True)
    instead = _picture(name, words)
    if name == "post_link" and (title := _QUOTED.search(words)):
        instead = title[1] or title[2] or ""
    return _Tag(start, end, name, is_start=True, is_end=False, instead=instead)


def _output(expression: str) -> str:
    if literal := _LITERAL.match(expression):
        return literal[1] or literal[2] or ""
    return "" if _SITE_ADDRESS.fullmatch(expression) else UNKNOWN


def _picture(name: str, words: str) -> str:
    """Return the picture that a tag shows, in Markdown; empty if it shows none."""
    if not _PICTURE_NAME.search(name) or _ELEVENTY.match(words):
        return ""
    # Variables that stand for the site's address are not used within tags of Liquid.
    for word in _WORD.finditer(words):
        address = (
            word["double"] or word["single"] or word["raw"] or (word["bare"] or "").rstrip("/")
        )
        if not word["text"] and _PICTURE_FILE.fullmatch(address):
            return f"![](<{address.strip()}>)"
    return ""


def _component_tags(text: str) -> Iterator[_Tag]:
    for found in _COMPONENT.finditer(text):
        if found["code"]:
            continue
        name, words, start, end = found["name"], found["words"], *found.span()
        if found["end"]:
            yield _Tag(start, end, name, is_start=False, is_end=True, is_component=True)
            continue
        is_picture = "ima" in name.lower() or "img" in name.lower() or name.endswith("Picture")
        instead = (
            f"<img {' '.join(words.split()).strip('/ ')}>" if is_picture and "src=" in words else ""
        )
        if not instead:
            instead = _picture(name, words)
        is_start = not words.endswith("/")
        yield _Tag(start, end, name, is_start, False, instead, is_component=True)


def _remove(text: str, tags: Sequence[_Tag], *, with_remarks: bool) -> str:
    parts: list[str] = []
    position = index = 0
    pairs = _pairs(tags)
    conditions = [place for place, tag in enumerate(tags) if tag.is_end and tag.name in _CONDITIONS]
    while index < len(tags):
        tag, end = tags[index], pairs.get(index)
        parts += (text[position : tag.start], tag.instead)
        position = tag.end
        index += 1
        if tag.name in _BRANCHES:
            # Of the branches of a condition, the first one is shown.
            if (after := bisect_left(conditions, index)) < len(conditions):
                index = conditions[after]
                position = tags[index].start
        elif end is None:
            continue
        elif tag.name in _VERBATIM:
            parts.append(text[position : tags[end].start])
            index, position = end + 1, tags[end].end
        elif not _is_kept(text, tag, tags[end], with_remarks=with_remarks):
            if with_remarks:
                pictures = (each.instead for each in tags[index:end])
                parts += (f"\n\n{each}\n\n" for each in pictures if _is_picture(each))
            parts.append("\n\n" if _is_block(text, tag, tags[end]) else "")
            index, position = end + 1, tags[end].end
    parts.append(text[position:])
    return "".join(parts)


def _pairs(tags: Sequence[_Tag]) -> Mapping[int, int]:
    """Return the indices of the tags that begin pairs, each with that of the tag that ends it."""
    pairs: dict[int, int] = {}
    starts = defaultdict[str, list[int]](list)
    for index, tag in enumerate(tags):
        if tag.is_start:
            starts[tag.name].append(index)
        elif tag.is_end and starts[tag.name]:
            pairs[starts[tag.name].pop()] = index
    return pairs


def _is_picture(markup: str) -> bool:
    return markup.startswith(("![", "<img"))


def _is_kept(text: str, start: _Tag, end: _Tag, *, with_remarks: bool) -> bool:
    """Whether the content of a pair of tags is text of the article."""
    if start.instead or _NEVER_TEXT.search(start.name):
        return False
    if start.name in _TRANSPARENT or not start.name or not _is_block(text, start, end):
        return True
    if _NOT_TEXT.search(start.name):
        return False
    return with_remarks or (start.is_component and not _ASIDE.search(start.name))


def _is_block(text: str, start: _Tag, end: _Tag) -> bool:
    """Whether a pair of tags stands for itself, rather than within a sentence."""
    before = text[text.rfind("\n", 0, start.start) + 1 : start.start]
    line_end = text.find("\n", end.end)
    after = text[end.end : line_end if line_end >= 0 else len(text)]
    return "\n" in text[start.start : end.start] or not (before.strip() or after.strip())
