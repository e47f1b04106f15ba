"""Numbers that come as text from outside: ids, and positions in a list. Pure.

Python raises `ValueError` for text of more than 4,300 digits, accepts the digits of every script,
and has no largest number, but a database has.
"""

_MAX_ID = 2**63 - 1
_ID_DIGITS = len(str(_MAX_ID))


def parse_id(text: str) -> int | None:
    """Return an id of Discord or of the database, which have up to 63 bits; None for other text."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _ID_DIGITS):
        return None
    return number if (number := int(text)) <= _MAX_ID else None
