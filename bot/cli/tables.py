"""Tables for a person, and for what reads them from a pipe."""

import os
import sys
from datetime import datetime

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

# As good as endless: what is no terminal gets a row in a line.
_WIDE = 100_000


def console() -> Console:
    """Standard output; a table is folded to a terminal's width, or to COLUMNS."""
    told = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(highlight=False, width=None if told else _WIDE)


def new_table() -> Table:
    """A table with a line below its head."""
    return Table(box=box.SIMPLE_HEAD, padding=0)


def short_time(moment: datetime | None) -> str:
    """A time without year and seconds."""
    return moment.strftime("%b %d %H:%M") if moment else ""


def clean(words: str) -> Text:
    """Text from outside, without what would steer a terminal."""
    return Text("".join(letter if letter.isprintable() else " " for letter in words))
