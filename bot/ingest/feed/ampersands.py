"""Escapes the ampersands of a feed that are text, as in `AT&T`. Pure.

A single one makes a feed invalid. The tolerant parser that reads it then takes any word after an
ampersand for a reference: `AT&T` becomes `AT&T;`, and `?id=5&copy=1` becomes `?id=5©=1`.
"""

import html.entities
import re

# What isn't text: it is skipped as a whole, also if its end is missing.
_SECTION = (
    rb"<!\[CDATA\[(?:[^\]]++|\](?!\]>))*+(?:\]\]>)?"
    rb"|<!--(?:[^-]++|-(?!->))*+(?:-->)?|<\?(?:[^?]++|\?(?!>))*+(?:\?>)?"
)
# What precedes the first element, with the document type.
_PROLOGUE = re.compile(rb"[^<]*<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_DECLARATION = re.compile(rb"[^<]*<\?.*?\?>", re.DOTALL)
_REFERENCE = rb"&(?:#[0-9]{1,10}|#[xX][0-9A-Fa-f]{1,8}|([A-Za-z_:][\w:.-]{0,40}));"
# Browsers read these without their semicolon, too; `&amp=1` is part of an address.
_UNFINISHED = rb"&(?:#[0-9]{2,7}(?![0-9])|#[xX][0-9A-Fa-f]{2,6}(?![0-9A-Fa-f])|amp(?![\w=]))"
_AMPERSAND = re.compile(rb"%s|%s|%s|&" % (_SECTION, _REFERENCE, _UNFINISHED))
_DECLARED = re.compile(rb"<!ENTITY\s+([\w:.-]+)\s")
_XML_ENTITIES = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})


def escape_ampersands(body: bytes) -> bytes:
    """Return the feed, which is in UTF-8, with such ampersands escaped.

    References to the entities of HTML, which XML doesn't know, become references to characters,
    so that a feed with `&nbsp;` is valid XML, too.
    """
    declared = frozenset(_DECLARED.findall(body)) if b"<!ENTITY" in body else frozenset()

    def replace(found: re.Match[bytes]) -> bytes:
        name: bytes | None = found[1]
        if name is None:
            if found[0] == b"&":
                return b"&amp;"
            is_finished = found[0].startswith(b"<") or found[0].endswith(b";")
            return found[0] if is_finished else found[0] + b";"
        if name in _XML_ENTITIES or name in declared:
            return found[0]
        if characters := html.entities.html5.get(f"{name.decode('ascii', 'replace')};"):
            return b"".join(b"&#%d;" % ord(character) for character in characters)
        return b"&amp;" + found[0][1:]

    declaration = _DECLARATION.match(body)
    prologue = _PROLOGUE.match(body, declaration.end() if declaration else 0)
    start = prologue.end() if prologue else 0
    return body[:start] + _AMPERSAND.sub(replace, body[start:])
