"""Rows and values as SQLite returns them."""

import sqlite3
from functools import partial
from typing import Any, TypeAlias

Row: TypeAlias = sqlite3.Row
# Any SQLite value; rows are converted to models before they leave this package.
Value: TypeAlias = Any

# With Python's default, one text that is not UTF-8 makes the whole query fail. This keeps its bytes
# as surrogates (PEP 383), which `storage.sqlite.columns` rejects in that row alone.
decode_text = partial(str, encoding="utf-8", errors="surrogateescape")
