"""Addresses of strangers, made safe to link to."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from bot.discordapp.rendering.text import discord_length, escaped

EMBED_URL_LIMIT = 2048
BUTTON_URL_LIMIT = 512

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+", re.IGNORECASE)
_STRAY_PERCENT = re.compile("%(?![0-9a-fA-F]{2})")
# What may stand in an address as it is. Not among them: what ends or bends a masked link.
_SAFE = "-._~:/?@!$&'+,;=%"


def safe_url(url: str, limit: int = EMBED_URL_LIMIT) -> str | None:
    """The address in a form that Discord takes and no markup can come from, or None.

    None for what is neither http nor https, names a user (`https://bank.example@evil.example`),
    has no proper host, or is longer than `limit` characters.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").encode("idna").decode("ascii")
        safe = f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port is not None else "")
        safe += _encoded(parts.path)
        safe += f"?{_encoded(parts.query)}" if parts.query else ""
        safe += f"#{_encoded(parts.fragment)}" if parts.fragment else ""
    except ValueError:  # no host, no port, or (UnicodeError) no text
        return None
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not _HOST.fullmatch(host):
        return None
    return safe if len(safe) <= limit else None


def masked_link(label: str, url: str, limit: int, label_limit: int | None = None) -> str:
    """`[label](url)` of at most `limit` units; the label alone if the address is unsafe or long.

    Brackets in a label can't be escaped reliably, so parentheses stand for them.
    """
    label = label.replace("[", "(").replace("]", ")")
    text = escaped(label, min(label_limit or limit, limit))
    address = safe_url(url)
    if not text or address is None:
        return text
    link = f"[{text}]({address})"
    return link if discord_length(link) <= limit else text


def _encoded(part: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe=_SAFE)
