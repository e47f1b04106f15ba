"""The tables of docs/troubleshooting.md. Pure."""

import re
from collections.abc import Mapping, Sequence

from tests.faults.place import Fault, Observation

_HEAD = (
    "| what is wrong | `storywire check --online` | log of `storywire run` | `/readyz` |",
    "|---|---|---|---|",
)
# With these words before it, an error ends the bot.
_ENDS = "storywire: "
_TABLES = re.compile(r"(?<=<!-- faults -->\n).*(?=<!-- end of faults -->)", re.DOTALL)


def row(fault: Fault, observed: Observation) -> str:
    """The row of a fault."""
    log = _cell(observed.log)
    if observed.log and observed.check:
        message = observed.log[0].removeprefix(_ENDS)
        if message != observed.log[0] and observed.check[0].endswith(message):
            log = "the same; the bot does not start"
    return f"| {fault.name} | {_cell(observed.check)} | {log} | {_escaped(observed.ready)} |"


def tables(groups: Mapping[str, Sequence[str]]) -> str:
    """The tables, from the rows of each group."""
    return "\n" + "\n".join(
        "\n".join([f"### {name}\n", *_HEAD, *rows, ""]) for name, rows in groups.items()
    )


def with_tables(page: str, text: str) -> str:
    """A page with other tables."""
    return _TABLES.sub(lambda _: text, page)


def _cell(lines: Sequence[str]) -> str:
    return "<br>".join(map(_escaped, lines)) or "nothing"


def _escaped(line: str) -> str:
    """Text for a cell; code stays code."""
    parts = line.split("`")
    parts[::2] = [re.sub(r"([*_<>\[\]\\])", r"\\\1", part) for part in parts[::2]]
    return "`".join(parts).replace("|", "\\|")
