"""Which paragraphs are prose, and how much of it is an excerpt. Pure."""

import re

from bot.ingest.html.plain_text import first_sentences

# An excerpt is about as long as the descriptions that authors write.
MAX_EXCERPT = 400
# A paragraph that is shorter, such as a greeting, is continued with the next one.
SHORT = 60

# The longest details: a word before code or a list, names, a line, anything that is not prose.
_LABEL = 40
_NAMES = 80
_ONE_LINE = 160
_LONG = 300

_CJK = "\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
_BREAK_IN_CJK = re.compile(rf"(?<=[{_CJK}])[ \t]*\n[ \t]*(?=[{_CJK}])")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
_ENDS_SENTENCE = re.compile(r"[.!?…。！？؟।]['\"”’»)\]]*\Z")
_INTRODUCTION = re.compile(r"(?:(?<=[.!?…]\s)|(?<=[。！？]))[^.!?…。！？]{1,300}[:：]\Z")

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|mon(?:day)?|tue(?:sday)?"
    r"|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?|st|nd|rd|th|the|of|on"
    r"|januar|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars|avril|juin|juillet"
    r"|août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto"
    r"|septiembre|octubre|noviembre|diciembre|de|at|am|pm|utc|gmt|年|月|日)"
)
_ONLY_DATE = re.compile(
    r"(?:(?:published|posted|updated|last updated|last modified|date|written)\b[\s:]*)?"
    # Possessive: a long number could be split in too many ways.
    rf"(?=\D{{0,30}}\d)(?:{_MONTH}(?![^\W\d_])|\d{{1,4}}+(?!\d)|[\s.,:/()年月日–-]){{1,20}}+\Z",
    re.IGNORECASE,
)
# Names with their values, and remarks on where the text is from, which pages have above it.
_DETAIL = re.compile(
    r"(?:(?:by|authors?|posted|written|published|date|tags?|categor(?:y|ies)|topics?|keywords?"
    r"|source|via|photos?|images?|pictures?|photograph\w*|credits?|cover(?: image| photo)?"
    r"|translat(?:ed|ion|ions|or|ors)|original(?:ly)?(?: \w+)?|cross-?posted|last \w+|updated"
    r"|reading time|estimated \w+|time to read|duration|editors?|illustrat\w+|permalink|slug"
    r"|status|series|location|filed under|reviewed|drafted)"
    r"[*_ ]*(?:[:：|]|(?:at|by|for|from|here|in|on)\b)"
    r"|(?:abb|fig|figure|illustration|table|图|表)\.? ?\d{1,3}[a-z]?[.:：]"
    # https://blacksmithgu.github.io/obsidian-dataview/annotation/add-metadata
    r"|[\w-]{1,30}::\s"
    r"|this (?:\w+ )?(?:article|blog|entry|essay|page|piece|post|story|text) (?:also|is"
    r"|was|has been|has|first|originally) (?:\w+ )?(?:also |first |originally )?(?:adapted"
    r"|appeared|appears|cross-?posted|posted|published|syndicated|translated|written (?:by|for))"
    r"|(?:本文|原文|文章)?(?:首发|转载|译自|发布于|发表于|来源|來源|作者|译者|原文链接|本文链接|出处"
    r"|更新于|封面))",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"(?:by|von|par|por)\s+[A-Z]", re.IGNORECASE)
# Who said what is quoted before.
_ATTRIBUTION = re.compile(r"(?:[—–―~]|-{1,2}\s)\s*[^\W\d_]")
_MARK = re.compile(r"[.!?:;]")
_UPDATE = re.compile(
    r"\W*(?:(?:last )?update[ds]?|edit(?:ed)?|eta|correction|note|nb|n\.b\.|disclaimer|warning"
    r"|attention|important|注意|注|更新|声明|提示)(?:\b|(?<=[注意新明示]))[^:：]{0,40}[:：]",
    re.IGNORECASE,
)
_CONTENTS = re.compile(
    r"(?:table of contents|contents|toc|in this (?:post|article|page|issue|section)|on this page"
    r"|jump to|quick links|index|outline|inhalt(?:sverzeichnis)?|sommaire|table des matières"
    r"|contenidos?|índice|tabla de contenidos?|sumário|indice|inhoud|содержание|目录|目次|大纲"
    r"|目錄|차례|목차)\s*[:：]?\Z",
    re.IGNORECASE,
)
_TAGS = re.compile(r"(?:[#@][\w-]+[\s,;|]*)+\Z")
_MARKUP = re.compile(r"\$\$|\\(?:begin|\[|[a-z]+(?:\{|\Z))|\||\+--|\{|:::|@@|%%")


def one_line(text: str) -> str:
    """Return the text of a paragraph on one line; no space between two lines of Chinese."""
    return " ".join(_BREAK_IN_CJK.sub("", text).split())


def has_words(text: str) -> bool:
    """Whether a text has words besides addresses."""
    return any(map(str.isalpha, _ADDRESS.sub("", text)))


def is_prose(text: str, *, is_emphasised: bool, is_strong: bool) -> bool:
    """Whether a paragraph is prose, rather than a date, a byline, a caption, a heading."""
    if len(text) > _LONG:
        return True
    if _ONLY_DATE.match(text) or _CONTENTS.match(text) or _TAGS.match(text):
        return False
    if is_emphasised or (is_strong and not _ENDS_SENTENCE.search(text)):
        return False
    if len(text) < _LABEL and text.endswith((":", "：")):
        return False
    if len(text) < _ONE_LINE and (_UPDATE.match(text) or _is_detail(text)):
        return False
    return not _MARKUP.match(text)


def _is_detail(text: str) -> bool:
    """Whether a text is a byline, or a name with its value."""
    if byline := (_BYLINE.match(text) or _ATTRIBUTION.match(text)):
        return len(text) < _NAMES and not _MARK.search(text, byline.end())
    return bool(_DETAIL.match(text))


def is_short(text: str) -> bool:
    """Whether a paragraph is too short to say what the article is about."""
    return len(text) + 2 * len(_WIDE.findall(text[:SHORT])) < SHORT


def ends_sentence(text: str) -> bool:
    """Whether a text ends as sentences do."""
    return bool(_ENDS_SENTENCE.search(text))


def shorten(text: str) -> str:
    """Return the first sentences of a long text, or its beginning."""
    # A character of Chinese says as much as two or three others.
    limit = MAX_EXCERPT - len(_WIDE.findall(text[: MAX_EXCERPT // 2]))
    excerpt = first_sentences(text, limit)
    # What introduces a list or an example is of no use without it.
    if found := _INTRODUCTION.search(excerpt):
        sentences = excerpt[: found.start()].rstrip()
        return excerpt if is_short(sentences) else sentences
    return excerpt
