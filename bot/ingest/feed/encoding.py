"""Finds out in which encoding the bytes of a feed are. Pure.

What the bytes are counts for more than what somebody says about them: a proxy, a web server's
configuration or a template that was copied may declare anything.
"""

import codecs
import re
from collections.abc import Iterator

# How far an XML declaration is searched for: servers may send anything before it.
_BEGINNING = 8192
# UTF-16 and UTF-32: the bytes of a character, and the byte order mark. The longer ones come first,
# because their marks begin like those of the others.
_WIDE = (
    ("utf-32-le", 4, codecs.BOM_UTF32_LE),
    ("utf-32-be", 4, codecs.BOM_UTF32_BE),
    ("utf-16-le", 2, codecs.BOM_UTF16_LE),
    ("utf-16-be", 2, codecs.BOM_UTF16_BE),
)
# Feeds begin with markup of at least some letters.
_SAMPLE = 40
_BYTE_ORDER_MARKS = re.compile(
    rb"(?:\xef\xbb\xbf|\xff\xfe\x00\x00|\x00\x00\xfe\xff|\xff\xfe|\xfe\xff|[ \t\r\n])+"
)
_XML_LABEL = re.compile(
    rb"<\?xml\s[^>]{0,300}?encoding\s*=\s*[\"']?\s*(?:charset=)?([A-Za-z0-9_.:-]{1,40})",
    re.IGNORECASE,
)
_HTTP_LABEL = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
# `<?xm` in EBCDIC: https://www.w3.org/TR/xml/#sec-guessing
_EBCDIC = b"\x4c\x6f\xa7\x94"
_ISO_2022_JP = re.compile(rb"\x1b\$[@B]|\x1b\([JI]")
# Two surrogates in the way of UTF-8, as programs write them that keep text in UTF-16.
_ENCODED_SURROGATES = re.compile(rb"(?:\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf])+")
_INVALID = re.compile("[\udc80-\udcff]+")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
# Letters of Latin-1 and common punctuation, and invalid bytes.
_TYPICAL = re.compile("[\xa0-\xff\u2010-\u20ac\udc80-\udcff]")
_WINDOWS = re.compile(r"(?:x-)?(?:windows|win|cp|ansi)[-_]?(125[0-8]|874|93[26]|949|950)")
_ISO_8859 = re.compile(r"(?:iso)?[-_]?8859[-_](\d{1,2})(?:[-_][ie])?")
# The names for which Python has another encoding than browsers have, or none:
# https://encoding.spec.whatwg.org/#names-and-labels. Their encodings are supersets.
_LABELS = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "cp936": "gb18030",
    "euc_kr": "cp949",
    "ks_c_5601": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "cswindows31j": "cp932",
    "x-euc-jp": "euc_jp",
    "big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "x-mac-cyrillic": "mac_cyrillic",
    "unicode-1-1-utf-8": "utf-8",
    "x-unicode20utf8": "utf-8",
    "unicode": "utf-16",
    "ucs-2": "utf-16",
    "iso-10646-ucs-2": "utf-16",
    "csunicode": "utf-16",
    "iso-10646-ucs-4": "utf-32",
}
# Python's text encodings that are no encodings of a document.
_NOT_OF_DOCUMENTS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape"})
_LANGUAGE = re.compile(
    rb"(?:<(?:\w{1,20}:)?language>\s*|\bxml:lang\s*=\s*[\"'])([A-Za-z]{2,3}(?:-[A-Za-z]{2,8})?)\b"
)
# What browsers suppose of a language, if nothing is declared:
# https://html.spec.whatwg.org/#determining-the-character-encoding
_BY_LANGUAGE = {
    **dict.fromkeys(("be", "bg", "kk", "ky", "mk", "ru", "sr", "tg", "tt", "uk"), "cp1251"),
    **dict.fromkeys(("zh-tw", "zh-hk", "zh-mo", "zh-hant"), "big5hkscs"),
    **dict.fromkeys(("ar", "fa"), "cp1256"),
    "el": "iso8859-7",
    "he": "cp1255",
    "ja": "cp932",
    "ko": "cp949",
    "th": "cp874",
    "zh": "gb18030",
}
# The same, for languages in Latin letters: not if an encoding of these is declared.
_BY_LATIN_LANGUAGE = {
    **dict.fromkeys(("cs", "hr", "sk"), "cp1250"),
    **dict.fromkeys(("hu", "pl", "sl"), "iso8859-2"),
    **dict.fromkeys(("az", "ku", "tr"), "cp1254"),
    **dict.fromkeys(("et", "lt", "lv"), "cp1257"),
    "vi": "cp1258",
}
# Encodings of many languages in ASCII bytes.
_IN_ASCII = ("iso2022", "hz", "utf-7")
# Declared by default, so that they say little.
_WEAK = frozenset({"utf-8", "utf-8-sig", "cp1252"})
_FALLBACK = "cp1252"
_BROKEN_LETTERS = frozenset("\N{LATIN CAPITAL LETTER A WITH CIRCUMFLEX}\xc3")


def decode(body: bytes, content_type: str) -> str:
    """Decode a document, whatever its XML declaration and its Content-Type declare.

    Text in UTF-16 and UTF-32 is recognised by its bytes. Valid UTF-8 is UTF-8, except ASCII bytes
    that are declared as an encoding in ASCII. Otherwise the declarations count: of two, the one
    that is not a usual default, and HTTP's before XML's; without any, the language of the feed.
    Bytes that are invalid in the encoding are replaced.
    """
    trimmed = body.lstrip(b" \t\r\n")
    marks = _BYTE_ORDER_MARKS.match(trimmed[:64])
    if marks and marks[0][:1] in b"\xff\xfe\x00":
        body = trimmed
    if encoding := _wide_encoding(body):
        return body.decode(encoding, "replace")
    if body.startswith(_EBCDIC):
        return _decode_ebcdic(body)
    body = body[marks.end() :] if (marks := _BYTE_ORDER_MARKS.match(body)) else body
    declared = list(_declared(body, content_type))
    if body.isascii():
        return _decode_ascii(body, declared)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_other(body, declared)


def _wide_encoding(body: bytes) -> str:
    """Return UTF-16 or UTF-32, with its byte order, if the body begins with markup in it."""
    for encoding, width, mark in _WIDE:
        sample = body[:_SAMPLE]
        if body.startswith(mark) and b"\0" in sample.removeprefix(mark):
            return encoding
        text = sample[: len(sample) // width * width].decode(encoding, "replace")
        readable = sum("\t" <= character <= "~" for character in text)
        if b"\0" in sample and readable * 3 >= len(text) > 0 and "\0" not in text:
            return encoding
    return ""


def _decode_ebcdic(body: bytes) -> str:
    text = body.decode("cp037")
    label = _XML_LABEL.search(text[:_BEGINNING].encode())
    encoding = _python_encoding(label[1].decode()) if label else ""
    return body.decode(encoding or "cp037", "replace").replace("\x85", "\n")


def _declared(body: bytes, content_type: str) -> Iterator[str]:
    """Yield the encodings that HTTP and XML declare, without unknown ones."""
    if label := _HTTP_LABEL.search(content_type):
        yield _python_encoding(label[1])
    if xml_label := _XML_LABEL.search(body[:_BEGINNING]):
        yield _python_encoding(xml_label[1].decode())


def _python_encoding(label: str) -> str:
    """Return Python's encoding for a label, as browsers understand it; empty if there is none."""
    label = label.lower()
    if match := _WINDOWS.fullmatch(label):
        label = f"cp{match[1]}"
    elif match := _ISO_8859.fullmatch(label):
        label = f"iso8859-{match[1]}"
    label = _LABELS.get(label, label)
    try:
        name = codecs.lookup(label).name
        b"<".decode(name)  # Python also has encodings of bytes
    except (LookupError, ValueError):
        return ""
    return "" if name in _NOT_OF_DOCUMENTS else _LABELS.get(name, name)


def _decode_ascii(body: bytes, declared: list[str]) -> str:
    if _ISO_2022_JP.search(body):
        declared = [*declared, "iso2022_jp_ext"]
    for encoding in declared:
        if encoding.startswith(_IN_ASCII):
            try:
                return body.decode(encoding)
            except UnicodeDecodeError:
                continue
    return body.decode("ascii")


def _decode_other(body: bytes, declared: list[str]) -> str:
    """Decode bytes that are not valid UTF-8."""
    # UTF-16 and UTF-32 would have been recognised.
    strong = [
        encoding
        for encoding in declared
        if encoding and encoding not in _WEAK and not encoding.startswith(("utf-16", "utf-32"))
    ]
    text = _ENCODED_SURROGATES.sub(_decode_surrogates, body).decode("utf-8", "surrogateescape")
    if _is_mostly_utf_8(text, 4 if strong else 1):
        return _INVALID.sub(_Replacement(text), text)
    candidates = strong or _of_language(body, is_latin=_FALLBACK in declared)
    bytes_of_others = len(body.translate(None, bytes(range(128))))
    decoded = [body.decode(encoding, "replace") for encoding in dict.fromkeys(candidates)]
    best = min(decoded, key=_count_broken, default="")
    if best and _count_broken(best) * 10 <= bytes_of_others:
        return best
    return body.decode(_FALLBACK, "replace")


def _of_language(body: bytes, *, is_latin: bool) -> Iterator[str]:
    """Yield the usual encoding of the language that a feed declares, if there is one."""
    if found := _LANGUAGE.search(body[:_BEGINNING]):
        language = found[1].decode().lower()
        by_language = _BY_LANGUAGE if is_latin else _BY_LANGUAGE | _BY_LATIN_LANGUAGE
        encoding = by_language.get(language) or by_language.get(language.partition("-")[0])
        if encoding:
            yield encoding


def _is_mostly_utf_8(text: str, times: int) -> bool:
    """Whether there are so many times more valid characters than invalid bytes, or typical ones."""
    invalid = sum(len(found[0]) for found in _INVALID.finditer(text))
    valid = sum(1 for _ in _NOT_ASCII.finditer(text)) - invalid
    if invalid * times <= valid:
        return True
    # Few, but so as UTF-8 has them: in Windows-1252 they would be such as `Ã©` and `â€“`.
    is_typical = all(_TYPICAL.fullmatch(found[0]) for found in _NOT_ASCII.finditer(text))
    return times == 1 and valid > 0 and is_typical


def _count_broken(text: str) -> int:
    return text.count("\N{REPLACEMENT CHARACTER}")


def _decode_surrogates(found: re.Match[bytes]) -> bytes:
    halves = found[0].decode("utf-8", "surrogatepass")
    return halves.encode("utf-16", "surrogatepass").decode("utf-16").encode()


class _Replacement:
    """What stands for invalid bytes in UTF-8: the letter that they are in Windows-1252.

    They come from a text that was copied as it was. But a character that was cut off stays broken;
    in a text of other scripts, a byte that could be the beginning of one counts as such.
    """

    def __init__(self, text: str) -> None:
        letters = [character for character in text if "\x80" <= character < "\udc80"]
        self._is_latin = sum(character < "\u0250" for character in letters) * 2 >= len(letters)

    def __call__(self, found: re.Match[str]) -> str:
        letters = found[0].encode("utf-8", "surrogateescape").decode(_FALLBACK, "replace")
        if letters[0] in _BROKEN_LETTERS or (len(letters) > 1 and letters[0] >= "\xc2"):
            return "\N{REPLACEMENT CHARACTER}"
        if not self._is_latin and "\xc0" <= letters[0] <= "\xff":
            return "\N{REPLACEMENT CHARACTER}"
        return letters
