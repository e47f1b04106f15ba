"""Tables for terminals and pipes."""

import os
import sys
from datetime import datetime

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.urls.redaction import redact

# Outside a terminal every row stays on one line.
_UNLIMITED_WIDTH = 100_000


def console() -> Console:
    """Standard output; tables are wrapped to the terminal's width, or to COLUMNS if it is set."""
    has_width = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(highlight=False, width=None if has_width else _UNLIMITED_WIDTH)


def new_table() -> Table:
    """An empty table with a line below its header."""
    return Table(box=box.SIMPLE_HEAD, padding=0)


def short_time(moment: datetime | None) -> str:
    """A time without year and seconds; empty for None."""
    return moment.strftime("%b %d %H:%M") if moment else ""


def printable(text: str) -> Text:
    """Untrusted text without secrets and without the characters that could control a terminal."""
    return Text("".join(each if each.isprintable() else " " for each in redact(text)))
